namespace Kadali.Databases.Tests;

/// <summary>Tests with a notebook that is connected to a server.</summary>
public abstract class ServerTests(Server server, string connect, string url, string password) : IAsyncLifetime
{
    private protected DatabaseNotebook Notebook { get; } = new();

    public async ValueTask InitializeAsync()
    {
        server.Require();
        Notebook.Cells.Input.Next.Enqueue(password);
        await Notebook.Cells.EventsAsync($"{connect} \"{url}\" --password @password");
    }

    public ValueTask DisposeAsync()
    {
        Notebook.Dispose();
        return default;
    }
}
