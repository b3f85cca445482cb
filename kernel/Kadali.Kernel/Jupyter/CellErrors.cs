using Kadali.Cells;
using Kadali.Protocol;

namespace Kadali.Kernel.Jupyter;

/// <summary>How each way to end badly looks to the reader.</summary>
public static class CellErrors
{
    private const string Red = "\e[31m";
    private const string Bold = "\e[1m";
    private const string Off = "\e[0m";

    /// <summary>The error that a front end shows for an exception out of a submission.</summary>
    /// <param name="log">Takes what is our own mistake, with its stack.</param>
    public static ErrorContent Of(Exception exception, Action<Exception> log)
    {
        switch (exception)
        {
            case CellFaultException { Fault: var fault }:
                return new(fault.Code, fault.Message, Lines(fault));
            case CellFailedException failed:
                return new(
                    failed.ErrorName, failed.Message,
                    failed.Traceback.Count > 0 ? failed.Traceback : [$"{Red}{failed.ErrorName}{Off}: {failed.Message}"]);
            case OperationCanceledException:
                return new(
                    "Interrupted", "The cell was interrupted.",
                    [$"{Red}Interrupted{Off}: The cell was interrupted. What it assigned until then is kept."]);
            case OutOfMemoryException:
                var (name, message) = CSharp.Traceback.Describe(exception);
                return new(name, message, [$"{Red}{name}{Off}: {message}"]);
            default:
                log(exception);
                return new(
                    "KDL000", $"Kadali made a mistake: {exception.Message}",
                    [$"{Red}KDL000{Off}: Kadali made a mistake ({exception.GetType().Name}: {exception.Message}). "
                        + "The session goes on; the log has the details."]);
        }
    }

    private static List<string> Lines(Fault fault)
    {
        var lines = new List<string> { $"{Red}{fault.Code}{Off}  {Bold}{fault.Message}{Off}" };
        if (fault.Place is { } place)
        {
            var where = $"{(place.Source is { } file ? file + ", " : "")}line {place.Position.Line + 1}: ";
            lines.Add(where + place.Line);
            var lead = new string(' ', where.Length + Math.Min(place.Position.Column, place.Line.Length));
            lines.Add(lead + new string('^', Math.Max(1, Math.Min(place.Length, Math.Max(1, place.Line.Length - place.Position.Column)))));
        }

        if (fault.Hint is { } hint)
        {
            lines.Add(hint);
        }

        return lines;
    }
}
