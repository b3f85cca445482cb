using Kadali.Cells;

namespace Kadali.Formatting;

/// <summary>Where <c>display</c> and its like send what they show: the cell that calls. The kernel plugs in its own.</summary>
public abstract class DisplaySink
{
    public static DisplaySink? Current { get; set; }

    public abstract void Emit(CellEvent cellEvent);

    internal static void Show(CellEvent cellEvent) => Current?.Emit(cellEvent);
}

/// <summary>Who answers a cell's questions. The kernel plugs in its own.</summary>
public static class InputSource
{
    public static IInput? Current { get; set; }

    internal static IInput Required => Current ?? throw new CellFaultException(new("KDL113", "There is nobody to ask for input."));
}
