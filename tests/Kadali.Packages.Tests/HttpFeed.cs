using System.Net;
using System.Text;

namespace Kadali.Packages.Tests;

/// <summary>A package source on loopback that can fail in the ways in which sources do.</summary>
public sealed class HttpFeed : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Dictionary<(string Id, string Version), byte[]> _packages = [];
    private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ended = new();

    public HttpFeed()
    {
        using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Root = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        }

        _listener.Prefixes.Add(Root + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    public enum Mood
    {
        Works,
        Refuses,
        IsMissing,
        Babbles,
        Hangs,
    }

    public string Address => Root + "/index.json";

    public Mood Is { get; set; }

    /// <summary>Wanted as <c>name:password</c>, or null.</summary>
    public string? Password { get; set; }

    /// <summary>How often it was asked.</summary>
    public int Asked { get; private set; }

    /// <summary>Ends when a question hangs.</summary>
    public Task Waiting => _waiting.Task;

    private string Root { get; }

    public void Add(string id, string version, byte[] package) => _packages[(id.ToLowerInvariant(), version)] = package;

    public void Dispose()
    {
        _ended.Cancel();
        _listener.Close();
        _ended.Dispose();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            Asked++;
            _ = AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var response = context.Response;
        var credentials = context.Request.Headers["Authorization"]?.Split(' ') is ["Basic", var basic]
            ? Encoding.UTF8.GetString(Convert.FromBase64String(basic)) : null;
        if (Is == Mood.Hangs)
        {
            _waiting.TrySetResult();
            await Task.Delay(Timeout.Infinite, _ended.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }

        if (Is == Mood.Refuses || (Password is not null && credentials != Password))
        {
            response.StatusCode = 401;
            response.AddHeader("WWW-Authenticate", "Basic realm=\"feed\"");
            response.Close();
            return;
        }

        var body = Is switch
        {
            Mood.IsMissing => null,
            Mood.Babbles => Encoding.UTF8.GetBytes("<html>Welcome</html>"),
            _ => Body(context.Request.Url!.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries)),
        };
        response.StatusCode = body is null ? 404 : 200;
        response.Close(body ?? [], willBlock: false);
    }

    private byte[]? Body(string[] path) => path switch
    {
        ["index.json"] => Encoding.UTF8.GetBytes(
            $$"""{"version":"3.0.0","resources":[{"@id":"{{Root}}/flat/","@type":"PackageBaseAddress/3.0.0"}]}"""),
        ["flat", var id, "index.json"] when _packages.Keys.Any(key => key.Id == id) => Encoding.UTF8.GetBytes(
            $$"""{"versions":[{{string.Join(',', _packages.Keys.Where(key => key.Id == id).Select(key => $"\"{key.Version}\""))}}]}"""),
        ["flat", var id, var version, _] => _packages.GetValueOrDefault((id, version)),
        _ => null,
    };
}
