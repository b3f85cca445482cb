using Kadali.Cells;

namespace Kadali.Kernel.CSharp;

/// <summary>
/// Completion, hover and signature help, asked of the compiler's own semantic model. (Roslyn's completion service wants a workspace that
/// holds every earlier cell as a project; its cost grows with the notebook.)
/// </summary>
internal sealed class CSharpLanguage(CSharpSession session)
{
    public async ValueTask<CompletionList> CompleteAsync(string text, int position, CancellationToken cancellationToken) =>
        await session.LockedAsync(compiler => CSharpCompletion.Complete(compiler, text, position, cancellationToken), cancellationToken);

    public async ValueTask<MimeBundle?> InspectAsync(string text, int position, CancellationToken cancellationToken) =>
        await session.LockedAsync(compiler => CSharpInspection.Inspect(compiler, text, position, cancellationToken), cancellationToken);
}
