using Kadali.Cells;

namespace Kadali.Packages.Tests;

public sealed class ResolutionTests : IDisposable
{
    private readonly Place _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task A_package_comes_with_the_lowest_versions_that_it_takes()
    {
        _place.Add("A", "1.0.0", ["B 1.1.0"]);
        _place.Add("B", "1.0.0");
        _place.Add("B", "1.2.0");
        _place.Add("B", "2.0.0");

        var files = await _place.AddAsync("A,1.0.0");

        Assert.Equal(["A 1.0.0", "B 1.2.0"], files.Added);
        Assert.Equal(["A.dll", "B.dll"], files.Compile.Select(Path.GetFileName).Order());
        Assert.All(files.Runtime, path => Assert.StartsWith(_place.Packages, path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_packages_of_a_cell_get_one_version_of_what_both_need()
    {
        _place.Add("A", "1.0.0", ["C 1.0.0"]);
        _place.Add("B", "1.0.0", ["C 2.0.0"]);
        _place.Add("C", "1.0.0");
        _place.Add("C", "2.0.0");

        var files = await _place.AddAsync("A", "B");

        Assert.Equal(["A 1.0.0", "B 1.0.0", "C 2.0.0"], files.Added);
    }

    [Theory]
    [InlineData("A", "A 2.1.0")]
    [InlineData("A,*", "A 2.1.0")]
    [InlineData("A,*-*", "A 3.0.0-beta.2")]
    [InlineData("A,1.*", "A 1.5.0")]
    [InlineData("A,[1.0,2.0)", "A 1.0.0")]
    [InlineData("A,(1.0,2.0)", "A 1.5.0")]
    [InlineData("A,[2.0.0]", "A 2.0.0")]
    [InlineData("A,2.0", "A 2.0.0")]
    [InlineData("a,3.0.0-beta.1", "A 3.0.0-beta.1")]
    public async Task A_version_is_chosen_as_it_is_written(string reference, string expected)
    {
        foreach (var version in (string[])["1.0.0", "1.5.0", "2.0.0", "2.1.0", "3.0.0-beta.1", "3.0.0-beta.2"])
        {
            _place.Add("A", version);
        }

        var files = await _place.AddAsync(reference);

        Assert.Equal([expected], files.Added);
    }

    [Theory]
    [InlineData("A,1.x", "KDL210", "'1.x' is no version")]
    [InlineData("no such", "KDL210", "'no such' cannot be a package")]
    [InlineData("A,1.0.1", "KDL211", "A has no version 1.0.1.")]
    [InlineData("A,[5.0,6.0)", "KDL211", "A has no version [5.0.0, 6.0.0).")]
    [InlineData("Aa", "KDL211", "There is no package 'Aa'.")]
    public async Task What_is_not_there_is_named(string reference, string code, string message)
    {
        _place.Add("A", "1.0.0");
        _place.Add("A", "1.0.2");

        var fault = await _place.FaultAsync(reference);

        Assert.Equal(code, fault.Code);
        Assert.StartsWith(message, fault.Message, StringComparison.Ordinal);
        Assert.True(code != "KDL211" || fault.Hint!.Contains("'local'", StringComparison.Ordinal), fault.Hint);
        Assert.True(!reference.StartsWith("A,1.0.1", StringComparison.Ordinal)
            || fault.Hint!.StartsWith("There are 1.0.0, 1.0.2.", StringComparison.Ordinal), fault.Hint);
    }

    [Fact]
    public async Task A_dependency_that_no_source_has_is_named_with_the_way_to_it()
    {
        _place.Add("A", "1.0.0", ["B 1.0.0"]);
        _place.Add("B", "1.0.0", ["C 3.0.0"]);
        _place.Add("C", "2.0.0");

        var fault = await _place.FaultAsync("A");

        Assert.Equal(("KDL212", "A 1.0.0 → B 1.0.0 needs C ≥ 3.0.0, which was not found."), (fault.Code, fault.Message));
        Assert.StartsWith("There are 2.0.0.", fault.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_package_that_cannot_be_had_leaves_the_session_as_it_was()
    {
        _place.Add("A", "1.0.0");
        _place.Add("A", "2.0.0");

        await _place.FaultAsync("A,1.0.0", "Missing");
        var files = await _place.AddAsync("A,2.0.0");

        Assert.Equal(["A 2.0.0"], files.Added);
    }

    [Fact]
    public async Task The_same_again_adds_nothing()
    {
        _place.Add("A", "1.0.0", ["B 1.0.0"]);
        _place.Add("B", "1.0.0");
        await _place.AddAsync("A,1.0.0");

        var again = await _place.AddAsync("A,1.0.0", "A", "a,1.*", "B");

        Assert.Equal(PackageFiles.None, again);
    }

    [Fact]
    public async Task Another_version_takes_the_place_of_one_that_is_not_in_use_and_no_other()
    {
        _place.Add("A", "1.0.0");
        _place.Add("A", "2.0.0");
        await _place.AddAsync("A,1.0.0");

        var replaced = await _place.AddAsync("A,2.0.0");
        var refused = await Assert.ThrowsAsync<CellFaultException>(() =>
            _place.AddAsync(path => path == replaced.Runtime[0], CancellationToken.None, "A,1.0.0"));

        Assert.Equal(["A 2.0.0"], replaced.Added);
        Assert.Equal(("KDL213", "A 2.0.0 was added before and is in use; 1.0.0 cannot take its place."),
            (refused.Fault.Code, refused.Fault.Message));
    }

    [Fact]
    public async Task What_came_along_rises_when_others_need_it_unless_it_is_in_use()
    {
        _place.Add("A", "1.0.0", ["C 1.0.0"]);
        _place.Add("B", "1.0.0", ["C 2.0.0"]);
        _place.Add("C", "1.0.0");
        _place.Add("C", "2.0.0");
        var first = await _place.AddAsync("A");
        var old = first.Runtime.Single(path => path.EndsWith("C.dll", StringComparison.Ordinal));

        var refused = await Assert.ThrowsAsync<CellFaultException>(() => _place.AddAsync(path => path == old, CancellationToken.None, "B"));
        var risen = await _place.AddAsync("B");

        Assert.Equal(("KDL214", "B 1.0.0 needs C ≥ 2.0.0, but 1.0.0 is in use."), (refused.Fault.Code, refused.Fault.Message));
        Assert.Equal(["B 1.0.0", "C 2.0.0"], risen.Added);
        Assert.Equal(["C is now 2.0.0, as others need it; it was 1.0.0."], risen.Notes);
    }

    [Fact]
    public async Task Versions_that_exclude_each_other_are_a_fault()
    {
        _place.Add("A", "1.0.0", ["C [1.0.0]"]);
        _place.Add("B", "1.0.0", ["C 2.0.0"]);
        _place.Add("C", "1.0.0");
        _place.Add("C", "2.0.0");

        var conflict = await _place.FaultAsync("A", "B");
        var downgrade = await _place.FaultAsync("B", "C,1.0.0");

        Assert.Equal(("KDL214", "A 1.0.0 needs C 1.0.0, but B 1.0.0 takes C 2.0.0."), (conflict.Code, conflict.Message));
        Assert.Equal(("KDL214", "B 1.0.0 needs C ≥ 2.0.0, but the notebook asks for C 1.0.0."), (downgrade.Code, downgrade.Message));
    }

    [Fact]
    public async Task Sessions_that_unpack_the_same_package_at_once_both_get_it()
    {
        _place.Add("A", "1.0.0", ["B 1.0.0"]);
        _place.Add("B", "1.0.0");
        PackageSession[] sessions = [.. Enumerable.Range(0, 4).Select(_ => new PackageSession())];

        var all = await Task.WhenAll(sessions.Select(session =>
            Task.Run(() => session.AddAsync([new("A", null)], _ => false, _ => { }, CancellationToken.None))));

        Assert.All(all, files => Assert.All(files.Runtime, path => Assert.True(File.Exists(path))));
        Assert.All(all, files => Assert.Equal(["A 1.0.0", "B 1.0.0"], files.Added));
    }

    [Fact]
    public async Task What_is_unpacked_is_known_by_its_id_and_versions()
    {
        _place.Add("Some.Thing", "1.0.0");
        _place.Add("Some.Thing", "1.10.0");
        await _place.AddAsync("Some.Thing,1.0.0");
        await _place.AddAsync("Some.Thing,1.10.0");

        var known = Assert.Single(_place.Session.Known("some"));

        Assert.Equal("Some.Thing", known.Id);
        Assert.Equal(["1.10.0", "1.0.0"], known.Versions);
    }
}
