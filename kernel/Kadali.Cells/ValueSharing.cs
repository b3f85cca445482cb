namespace Kadali.Cells;

/// <summary>
/// A magic with variables of its own, which <c>#!set</c>, <c>#!share</c>, <c>#!who</c> and <c>@name:variable</c> can reach.
/// </summary>
public interface IValueSharing
{
    /// <summary>The variables that can be shared now.</summary>
    Task<IReadOnlyList<SharedValueInfo>> ListAsync(CancellationToken cancellationToken);

    /// <summary>The value of a variable as a CLR value; tables come as a table, not as text.</summary>
    /// <exception cref="CellFaultException">There is none of that name, or its value cannot be shared.</exception>
    Task<object?> GetAsync(string name, CancellationToken cancellationToken);

    /// <summary>Declares a variable.</summary>
    /// <exception cref="CellFaultException">The value cannot be shared.</exception>
    Task SetAsync(string name, object? value, CancellationToken cancellationToken);
}

/// <param name="TypeName">The type as its own language calls it.</param>
/// <param name="Summary">The value in one line, or null where that would cost too much.</param>
public sealed record SharedValueInfo(string Name, string TypeName, string? Summary = null);
