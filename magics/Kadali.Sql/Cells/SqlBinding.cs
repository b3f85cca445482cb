using Kadali.Cells;

namespace Kadali.Sql;

/// <summary>The C# variables that a statement's <c>:names</c> stand for.</summary>
internal static class SqlBinding
{
    /// <exception cref="CellFaultException">There is no such variable.</exception>
    public static IReadOnlyList<SqlParameter> Of(SqlStatement statement, Cell cell, IVariables variables)
    {
        var parameters = new List<SqlParameter>();
        foreach (var name in statement.Parameters)
        {
            if (!variables.TryGet(name, out _, out var value))
            {
                var near = Nearest.Of(name, variables.List().Select(variable => variable.Name));
                throw new CellFaultException(new(
                    "KDL311", $"There is no C# variable '{name}' for ':{name}'.",
                    near is null ? "Declare it in a C# cell above." : $"Did you mean ':{near}'?",
                    SqlFaults.Place(cell, statement.Start + SqlText.PlaceOf(statement, name))));
            }

            parameters.Add(new(name, value));
        }

        return parameters;
    }
}
