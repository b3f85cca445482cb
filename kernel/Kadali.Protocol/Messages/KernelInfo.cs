namespace Kadali.Protocol;

public sealed record KernelInfoReply(
    string ProtocolVersion, string Implementation, string ImplementationVersion, LanguageInfo LanguageInfo, string Banner,
    IReadOnlyList<HelpLink> HelpLinks, bool Debugger, IReadOnlyList<string> SupportedFeatures, string Status = "ok");

public sealed record LanguageInfo(
    string Name, string Version, string Mimetype, string FileExtension, string PygmentsLexer,
    string CodemirrorMode, string NbconvertExporter);

public sealed record HelpLink(string Text, string Url);

public sealed record ConnectReply(int ShellPort, int IopubPort, int StdinPort, int HbPort, int ControlPort, string Status = "ok");
