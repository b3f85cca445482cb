using Kadali.Cells;

using System.Diagnostics;
using Kadali.Packages.Feeds;

namespace Kadali.Packages.Tests;

public sealed class FeedTests : IDisposable
{
    private const string Credentials =
        """
        <packageSourceCredentials>
          <remote><add key="Username" value="u" /><add key="ClearTextPassword" value="s3cret" /></remote>
        </packageSourceCredentials>
        """;

    private readonly Place _place = new();
    private readonly HttpFeed _feed = new();

    public FeedTests() => FeedLog.Patience = TimeSpan.FromMinutes(2);

    public void Dispose()
    {
        FeedLog.Patience = TimeSpan.FromSeconds(15);
        _feed.Dispose();
        _place.Dispose();
    }

    [Fact]
    public async Task What_is_unpacked_needs_no_source()
    {
        _feed.Add("A", "1.0.0", _place.Add("A", "1.0.0", ["B 1.0.0"]));
        _feed.Add("B", "1.0.0", _place.Add("B", "1.0.0"));
        Configure();
        await _place.AddAsync("A,1.0.0");
        var asked = _feed.Asked;

        var files = await new PackageSession().AddAsync([new("A", "1.0.0")], _ => false, _ => { }, CancellationToken.None);

        Assert.Equal(["A 1.0.0", "B 1.0.0"], files.Added);
        Assert.True(asked > 0);
        Assert.Equal(asked, _feed.Asked);
    }

    [Theory]
    [InlineData(HttpFeed.Mood.Refuses, "401")]
    [InlineData(HttpFeed.Mood.IsMissing, "404")]
    [InlineData(HttpFeed.Mood.Babbles, "not as a package source")]
    [InlineData(HttpFeed.Mood.Hangs, "does not answer within 5 s")]
    public async Task A_source_that_fails_is_named_and_others_are_asked(HttpFeed.Mood mood, string said)
    {
        _place.Add("A", "1.0.0");
        _feed.Is = mood;
        FeedLog.Patience = mood == HttpFeed.Mood.Hangs ? TimeSpan.FromSeconds(5) : FeedLog.Patience;
        Configure($"<add key=\"local\" value=\"{_place.Feed}\" />",
            Credentials);

        var files = await _place.AddAsync("A");
        var fault = await _place.FaultAsync("Missing");

        Assert.Equal(["A 1.0.0"], files.Added);
        Assert.Contains(said, Assert.Single(files.Notes), StringComparison.Ordinal);
        Assert.StartsWith("'remote' (127.0.0.1)", files.Notes[0], StringComparison.Ordinal);
        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", fault.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_source_gets_the_user_name_and_password_of_the_configuration_or_the_environment(bool environment)
    {
        _feed.Add("A", "1.0.0", _place.Add("A", "1.0.0"));
        _feed.Password = "u:s3cret";
        Configure("", environment ? ""
            : Credentials);
        Environment.SetEnvironmentVariable("NuGetPackageSourceCredentials_remote", environment ? "Username=u;Password=s3cret" : null);

        var files = await _place.AddAsync("A");
        Environment.SetEnvironmentVariable("NuGetPackageSourceCredentials_remote", null);

        Assert.Equal(["A 1.0.0"], files.Added);
        Assert.Empty(files.Notes);
    }

    [Fact]
    public async Task A_source_that_is_switched_off_is_not_asked_and_a_fallback_folder_is_looked_into()
    {
        _place.Add("A", "1.0.0");
        await _place.AddAsync("A");
        _place.Configure(
            $"<add key=\"remote\" value=\"{_feed.Address}\" allowInsecureConnections=\"true\" />",
            "<disabledPackageSources><add key=\"remote\" value=\"true\" /></disabledPackageSources>",
            packages: Path.Combine(_place.Folder, "empty"), fallback: $"<add key=\"fallback\" value=\"{_place.Packages}\" />");

        var files = await new PackageSession().AddAsync([new("A", "1.0.0")], _ => false, _ => { }, CancellationToken.None);
        var fault = await _place.FaultAsync("B");

        Assert.StartsWith(_place.Packages, Assert.Single(files.Runtime), StringComparison.Ordinal);
        Assert.Equal("Asked: none, since NuGet.Config names no source.", fault.Hint);
        Assert.Equal(0, _feed.Asked);
    }

    [Fact]
    public async Task Without_a_source_that_answers_an_open_version_is_the_newest_that_is_unpacked()
    {
        _place.Add("A", "1.0.0");
        _place.Add("A", "1.1.0");
        await _place.AddAsync("A,1.0.0");
        _feed.Is = HttpFeed.Mood.IsMissing;
        Configure();

        var files = await new PackageSession().AddAsync([new("A", null)], _ => false, _ => { }, CancellationToken.None);

        Assert.Equal(["A 1.0.0"], files.Added);
    }

    [Fact]
    public async Task An_interrupt_ends_the_wait_for_a_source()
    {
        _feed.Is = HttpFeed.Mood.Hangs;
        Configure();
        using var interrupt = new CancellationTokenSource();
        var adding = _place.AddAsync(_ => false, interrupt.Token, "A");
        await _feed.Waiting;
        var clock = Stopwatch.StartNew();

        await interrupt.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => adding);

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(1), clock.Elapsed.ToString());
        Assert.Contains("'remote' (127.0.0.1), asked for A", _place.Waits);
    }

    [Fact]
    public async Task A_package_published_since_it_was_asked_for_is_found()
    {
        _feed.Add("A", "1.0.0", _place.Add("A", "1.0.0"));
        Configure();
        await _place.AddAsync("A,1.0.0");
        _feed.Add("A", "2.0.0", _place.Add("A", "2.0.0"));

        var files = await _place.AddAsync("A,2.0.0");

        Assert.Equal(["A 2.0.0"], files.Added);
    }

    [Fact]
    public async Task A_package_that_is_mapped_to_a_source_comes_from_no_other()
    {
        _place.Add("A", "1.0.0");
        Configure($"<add key=\"local\" value=\"{_place.Feed}\" />",
            "<packageSourceMapping><packageSource key=\"remote\"><package pattern=\"A\" /></packageSource>"
                + "<packageSource key=\"local\"><package pattern=\"B*\" /></packageSource></packageSourceMapping>");

        var fault = await _place.FaultAsync("A");
        var none = await _place.FaultAsync("C");

        Assert.Equal(("There is no package 'A'.", "Asked: 'remote' (127.0.0.1)."), (fault.Message, fault.Hint));
        Assert.Equal("Asked: none, since NuGet.Config maps it to no source.", none.Hint);
    }

    [Fact]
    public async Task A_source_of_the_session_is_asked_too_and_a_bad_one_is_named()
    {
        _place.Add("A", "1.0.0");
        _place.Configure("");
        var before = await _place.FaultAsync("A");

        _place.Session.AddSource("feed", null);
        var files = await _place.AddAsync("A");
        var folder = Assert.Throws<CellFaultException>(() => _place.Session.AddSource("no/folder", null)).Fault;
        var clear = Assert.Throws<CellFaultException>(() => _place.Session.AddSource("http://user:s3cret@example.org/index.json",
            null)).Fault;

        Assert.Equal("Asked: none, since NuGet.Config names no source.", before.Hint);
        Assert.Equal(["A 1.0.0"], files.Added);
        Assert.Equal("KDL217", folder.Code);
        Assert.Contains("'no/folder'", folder.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", clear.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_read_is_said_to_be_so()
    {
        File.WriteAllText("NuGet.Config", "<configuration><packageSources>");

        var fault = await _place.FaultAsync("A");

        Assert.Equal("KDL216", fault.Code);
    }

    private void Configure(string sources = "", string more = "") =>
        _place.Configure(
            $"<add key=\"remote\" value=\"{_feed.Address}\" allowInsecureConnections=\"true\" protocolVersion=\"3\" />{sources}", more);
}
