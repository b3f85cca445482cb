using System.Collections.Concurrent;
using System.Net;
using NuGet.Configuration;

namespace Kadali.Packages.Feeds;

/// <summary>What is waited for while packages are resolved, and which sources failed. No address of a source is kept, as it may hold a
/// token.</summary>
internal sealed class FeedLog(Action<string> progress)
{
    private readonly ConcurrentDictionary<string, string> _failed = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _waits = [];

    /// <summary>How long one question to a source may take.</summary>
    public static TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A sentence for each source that failed.</summary>
    public IReadOnlyList<string> Failures => [.. _failed.Values.Order(StringComparer.Ordinal)];

    public bool HasFailed(PackageSource source) => _failed.ContainsKey(source.Source);

    public void Fail(PackageSource source, string reason) => _failed.TryAdd(source.Source, $"{PackageFeeds.Describe(source)} {reason}");

    /// <summary>Says that something is waited for, until it is disposed.</summary>
    public IDisposable Wait(string what)
    {
        lock (_waits)
        {
            _waits.Add(what);
            progress(string.Join(", ", _waits));
        }

        return new Waiting(this, what);
    }

    /// <summary>Why a source failed, without its address, which the libraries' messages quote.</summary>
    public static string Reason(Exception exception) => exception.GetBaseException() switch
    {
        HttpRequestException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } refused =>
            $"refuses ({(int)refused.StatusCode!} {refused.StatusCode}): it wants a user name and a password or token",
        HttpRequestException { StatusCode: { } status } => $"answers with an error ({(int)status} {status})",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "cannot be reached: its name is not known",
        HttpRequestException or System.Net.Sockets.SocketException => "cannot be reached",
        Newtonsoft.Json.JsonException or FormatException => "answers, but not as a package source",
        DirectoryNotFoundException or NuGet.Protocol.Core.Types.FatalProtocolException => "is not there or is no package source",
        InvalidOperationException { Message: "http" } => "is asked in the clear (http), which NuGet.Config does not allow",
        var other => $"does not work ({other.GetType().Name})",
    };

    private sealed class Waiting(FeedLog log, string what) : IDisposable
    {
        public void Dispose()
        {
            lock (log._waits)
            {
                log._waits.Remove(what);
            }
        }
    }
}
