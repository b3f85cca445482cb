using Kadali.Delta;

namespace Kadali.Sql;

/// <summary>What Delta refuses, as errors of SQL cells with codes of their own.</summary>
internal static class DeltaErrors
{
    public static SqlError Read(DeltaException exception) =>
        new(SqlErrorKind.Other, exception.Message, exception.Hint, exception.Offset) { Code = Code(exception.Kind) };

    public static string Code(DeltaErrorKind kind) => kind switch
    {
        DeltaErrorKind.Syntax => "KDL501",
        DeltaErrorKind.NotFound => "KDL502",
        DeltaErrorKind.AlreadyExists => "KDL503",
        DeltaErrorKind.Corrupt => "KDL504",
        DeltaErrorKind.Unsupported => "KDL505",
        DeltaErrorKind.Conflict => "KDL506",
        DeltaErrorKind.Constraint => "KDL507",
        DeltaErrorKind.Schema => "KDL508",
        DeltaErrorKind.Argument => "KDL509",
        DeltaErrorKind.Storage => "KDL510",
        _ => "KDL500",
    };
}
