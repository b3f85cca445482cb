using System.Runtime.InteropServices;

namespace Kadali.Packages.Tests;

public sealed class AssetTests : IDisposable
{
    private readonly Place _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public async Task Files_are_chosen_for_this_framework_and_machine()
    {
        var rid = RuntimeInformation.RuntimeIdentifier;
        var os = rid[..rid.LastIndexOf('-')];
        _place.Add("Native", "1.0.0", files: Place.Files(
            ("ref/net8.0/Native.dll", Library.Saying("Native", "reference")),
            ("lib/net6.0/Native.dll", Library.Saying("Native", "old")),
            ("lib/net8.0/Native.dll", Library.Saying("Native", "any machine")),
            ($"runtimes/{os}/lib/net8.0/Native.dll", Library.Saying("Native", "this machine")),
            ("lib/net8.0/de/Native.resources.dll", Library.Build("Native.resources", "", culture: "de")),
            ($"runtimes/{rid}/native/libnative.so", Place.Bytes("here")),
            ("runtimes/os2-x86/native/native.dll", Place.Bytes("elsewhere")),
            ("analyzers/dotnet/cs/Native.Analyzer.dll", Place.Bytes("no")),
            ("build/Native.props", Place.Bytes("<Project />"))));

        var files = await _place.AddAsync("Native");

        var root = Path.Combine(_place.Packages, "native", "1.0.0");
        Assert.Equal([Path.Combine(root, "ref/net8.0/Native.dll")], files.Compile);
        Assert.Equal([Path.Combine(root, $"runtimes/{os}/lib/net8.0/Native.dll"),
            Path.Combine(root, "lib/net8.0/de/Native.resources.dll")], files.Runtime);
        Assert.Equal([Path.Combine(root, $"runtimes/{rid}/native/libnative.so")], files.Native);
    }

    [Fact]
    public async Task A_package_for_another_framework_is_refused_or_said_to_be_one()
    {
        _place.Add("Future", "1.0.0", files: Place.Files(("lib/net99.0/Future.dll", Library.Saying("Future", "no"))));
        _place.Add("Past", "1.0.0", files: Place.Files(("lib/net472/Past.dll", Library.Saying("Past", "perhaps"))));
        _place.Add("Nothing", "1.0.0", files: Place.Files(("lib/net8.0/_._", []),
            ("lib/net472/Nothing.dll", Library.Saying("Nothing", "not needed"))));

        var fault = await _place.FaultAsync("Future");
        var past = await _place.AddAsync("Past");
        var nothing = await _place.AddAsync("Nothing");

        Assert.Equal("KDL215", fault.Code);
        Assert.Equal("It is made for net99.0.", fault.Hint);
        Assert.Equal(["Past 1.0.0 is made for .NET Framework: parts of it may not work here."], past.Notes);
        Assert.Single(past.Runtime);
        Assert.Empty(nothing.Runtime);
    }

    [Fact]
    public async Task The_framework_s_own_assemblies_win_unless_the_package_s_are_newer()
    {
        _place.Add("Old", "1.0.0", ["System.Memory 4.5.0", "NETStandard.Library 2.0.0"],
            Place.Files(("lib/net8.0/System.Text.Json.dll", Library.Saying("System.Text.Json", "", "4.0.0.0"))));
        _place.Add("New", "1.0.0", files: Place.Files(("lib/net8.0/System.Text.Json.dll",
            Library.Saying("System.Text.Json", "", "99.0.0.0"))));

        var old = await _place.AddAsync("Old");
        var newer = await _place.AddAsync("New");

        Assert.Equal(["Old 1.0.0"], old.Added);
        Assert.Empty(old.Compile);
        Assert.Empty(old.Runtime);
        Assert.StartsWith("System.Text.Json is the one of .NET ", Assert.Single(old.Notes), StringComparison.Ordinal);
        Assert.Single(newer.Runtime);
    }

    [Fact]
    public async Task A_damaged_package_is_said_to_be_one_and_the_next_one_works()
    {
        var whole = _place.Add("Damaged", "1.0.0");
        File.WriteAllBytes(Path.Combine(_place.Feed, "Damaged.1.0.0.nupkg"), whole[..(whole.Length / 2)]);
        _place.Add("Whole", "1.0.0");

        var fault = await _place.FaultAsync("Damaged");
        var files = await _place.AddAsync("Whole");

        Assert.Equal("KDL218", fault.Code);
        Assert.Single(files.Runtime);
    }

    [Fact]
    public async Task An_assembly_that_is_none_is_a_damaged_package()
    {
        _place.Add("Text", "1.0.0", files: Place.Files(("lib/net8.0/Text.dll", Place.Bytes("no assembly"))));

        var fault = await _place.FaultAsync("Text");

        Assert.Equal("KDL218", fault.Code);
        Assert.Equal("KDL218", (await _place.FaultAsync("Text")).Code);
    }

    [Fact]
    public async Task What_a_dependency_is_not_wanted_for_is_left_out()
    {
        _place.Add("Plain", "1.0.0");
        _place.Add("Hiding", "1.0.0", ["Plain 1.0.0 !Compile"]);

        var files = await _place.AddAsync("Hiding");

        Assert.Equal(["Hiding.dll"], files.Compile.Select(Path.GetFileName));
        Assert.Equal(["Hiding.dll", "Plain.dll"], files.Runtime.Select(Path.GetFileName).Order());
    }
}
