using Kadali.Cells;

namespace Kadali.Packages.Tests;

public sealed class ReferenceTests : IDisposable
{
    private readonly Place _place = new();
    private readonly PackageNotebook _notebook = new();

    private Kadali.Kernel.Tests.Notebook Cells => _notebook.Cells;

    public void Dispose()
    {
        _notebook.Dispose();
        _place.Dispose();
    }

    [Fact]
    public async Task Packages_of_a_cell_are_added_before_what_stands_above_them()
    {
        _place.Configure("");
        _place.Add("A", "1.0.0", ["B 1.0.0"]);
        _place.Add("B", "1.0.0");

        var said = await Cells.EventsAsync(
            $"var a = A.Say();\n#r \"nuget: A, 1.0.0\" // what says its version\n#r \"nuget:B\"\n#i \"nuget:{_place.Feed}\"\na + B.Say()");

        Assert.Equal("1.0.01.0.0", said.OfType<CellEvent.Result>().Single().Content.PlainText);
        Assert.Equal("Added A 1.0.0, B 1.0.0", said.OfType<CellEvent.Display>().Last().Content.PlainText);
    }

    [Fact]
    public async Task A_fault_points_at_its_line_and_nothing_of_the_cell_runs()
    {
        _place.Add("A", "1.0.0");

        var fault = await Cells.FaultAsync("Console.WriteLine(\"ran\");\n#r \"nuget:A\"\n#r \"nuget:Missing,1.0\"");
        var unknown = await Cells.FaultAsync("A.Say()");

        Assert.Equal("KDL211", fault.Code);
        Assert.Equal((2, "#r \"nuget:Missing,1.0\""), (fault.Place!.Position.Line, fault.Place.Line));
        Assert.Equal("CS0103", unknown.Code);
    }

    [Fact]
    public async Task Another_version_is_refused_once_the_first_is_used()
    {
        _place.Add("A", "1.0.0");
        _place.Add("A", "2.0.0");

        await Cells.EventsAsync("#r \"nuget:A,1.0.0\"");
        var second = await Cells.ValueAsync("#r \"nuget:A,2.0.0\"\nA.Say()");
        var fault = await Cells.FaultAsync("#r \"nuget:A,1.0.0\"");

        Assert.Equal("2.0.0", second);
        Assert.Equal("KDL213", fault.Code);
        Assert.Equal("2.0.0", await Cells.ValueAsync("A.Say()"));
    }

    [Fact]
    public async Task A_package_s_own_copy_of_what_the_program_holds_is_what_cells_get()
    {
        _place.Add("Markdig", "99.0.0", files: Place.Files(("lib/net8.0/Markdig.dll",
            Library.Build("Markdig", "namespace Markdig { public static class Here { public static string Say() => \"own\"; } }",
                "0.0.1.0"))));

        var said = await Cells.ValueAsync("#r \"nuget:Markdig,99.0.0\"\nMarkdig.Here.Say()");

        Assert.Equal("own", said);
        Assert.Equal("<p>a</p>\n", Markdig.Markdown.ToHtml("a"));
    }

    [Fact]
    public async Task Translations_in_a_package_of_their_own_are_found()
    {
        _place.Add("Main", "1.0.0", files: Place.Files(("lib/net8.0/Main.dll", Library.Build(
            "Main",
            "public static class Main { public static string Culture() => "
                + "typeof(Main).Assembly.GetSatelliteAssembly(new(\"de\")).GetName().CultureName; }"))));
        _place.Add("Main.de", "1.0.0", ["Main 1.0.0"], Place.Files(("lib/net8.0/de/Main.resources.dll",
            Library.Build("Main.resources", "", culture: "de"))));

        Assert.Equal("de", await Cells.ValueAsync("#r \"nuget:Main.de\"\nMain.Culture()"));
    }

    [Fact]
    public async Task A_package_s_documentation_is_shown_and_its_ids_and_versions_complete()
    {
        _place.Add("Docs", "1.2.0", files: Place.Files(
            ("lib/net8.0/Docs.dll", Library.Saying("Docs", "")),
            ("lib/net8.0/Docs.xml",
                Place.Bytes("<doc><members><member name=\"M:Docs.Say\"><summary>Says nothing.</summary></member></members></doc>"))));
        await Cells.EventsAsync("#r \"nuget:Docs\"");

        var hover = await Cells.Editor.InspectAsync("Docs.Say()", 6, 0, CancellationToken.None);
        var id = await Cells.Editor.CompleteAsync("1\n#r \"nuget:do", 14, CancellationToken.None);
        var version = await Cells.Editor.CompleteAsync("#r \"nuget:docs, 1", 17, CancellationToken.None);
        var help = await Cells.Editor.InspectAsync("#r \"nuget:Docs\"", 3, 0, CancellationToken.None);

        Assert.Contains("Says nothing.", hover!.PlainText, StringComparison.Ordinal);
        Assert.Equal((12, "Docs"), (id.Start, Assert.Single(id.Items).Text));
        Assert.Equal((16, "1.2.0"), (version.Start, Assert.Single(version.Items).Text));
        Assert.StartsWith("#r — ", help!.PlainText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_s_extension_runs_where_it_can_and_is_said_not_to_where_it_cannot()
    {
        _place.Add("Able", "1.0.0", files: Place.Files(("interactive-extensions/dotnet/extension.dib",
            Place.Bytes("#!csharp\n\nvar fromExtension = 42;\n"))));
        _place.Add("Unable", "1.0.0", files: Place.Files(("interactive-extensions/dotnet/extension.dib",
            Place.Bytes("#!csharp\n\nusing Microsoft.DotNet.Interactive;\nKernel.Root.ToString();\n"))));
        _place.Add("Failing", "1.0.0", files: Place.Files(("interactive-extensions/dotnet/extension.dib",
            Place.Bytes("#!csharp\n\nthrow new Exception(\"no luck\");\n"))));

        await Cells.EventsAsync("#r \"nuget:Able\"");
        var unable = await Cells.TextAsync("#r \"nuget:Unable\"");
        var failing = await Cells.TextAsync("#r \"nuget:Failing\"\nConsole.Write(\"goes on\")");

        Assert.Equal("42", await Cells.ValueAsync("fromExtension"));
        Assert.Contains("unable brings an extension of .NET Interactive", unable, StringComparison.Ordinal);
        Assert.Contains("did not set itself up: no luck", failing, StringComparison.Ordinal);
        Assert.Contains("goes on", failing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_comes_with_what_lies_beside_it_and_is_not_held()
    {
        var beside = Library.Saying("Beside", "beside");
        Directory.CreateDirectory("bin");
        File.WriteAllBytes("bin/Beside.dll", beside);
        File.WriteAllBytes("bin/Mine.dll", Library.Build("Mine",
            "public static class Mine { public static string Say() => Beside.Say(); }", references: beside));

        var said = await Cells.ValueAsync("#r \"bin/Mine.dll\"\nMine.Say()");
        using (File.Open("bin/Mine.dll", FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
        }

        Assert.Equal("beside", said);
    }

    [Fact]
    public async Task A_file_that_is_built_anew_is_taken_anew()
    {
        Build("first");
        await Cells.EventsAsync(
            "#r \"Mine.dll\"\nvar old = new Mine(); var count = 3; string Ask() => new Mine().Say();\n"
                + "public class Other { public Mine It = new(); }");
        Assert.Equal("firstfirst", await Cells.ValueAsync("Ask() + old.Say()"));
        Build("second");

        var said = await Cells.TextAsync("#r \"Mine.dll\"");
        var same = await Cells.TextAsync("#r \"Mine.dll\"");

        Assert.Equal("Mine.dll was built anew. What was made of the old one is gone: Other, old, Ask.\n", said);
        Assert.Equal("", same);
        Assert.Equal("second3", await Cells.ValueAsync("new Mine().Say() + count"));
        Assert.Equal("CS0103", (await Cells.FaultAsync("old.Say()")).Code);
        Assert.Equal("second", await Cells.ValueAsync("var old = new Mine(); string Ask() => old.Say();\nAsk()"));
        Build("third");
        Assert.Equal("third", await Cells.ValueAsync("#r \"Mine.dll\"\nnew Mine().Say()"));

        static void Build(string text) => File.WriteAllBytes("Mine.dll",
            Library.Build("Mine", $"public class Mine {{ public string Say() => \"{text}\"; }}"));
    }

    [Theory]
    [InlineData("nope.dll", "KDL202", "There is no file 'nope.dll'.")]
    [InlineData("text.dll", "KDL202", "'text.dll' is no .NET assembly.")]
    [InlineData("My.csproj", "KDL203", "'My.csproj' is a project, which has to be built first.")]
    public async Task What_is_no_assembly_is_named(string file, string code, string message)
    {
        File.WriteAllText("text.dll", "text");
        File.WriteAllText("My.csproj", "<Project />");

        var fault = await Cells.FaultAsync($"1\n#r \"{file}\"");

        Assert.Equal((code, message, 1), (fault.Code, fault.Message, fault.Place!.Position.Line));
    }

    [Theory]
    [InlineData("System.Xml.Linq")]
    [InlineData("System.Xml.Linq.dll")]
    [InlineData("System.Xml.Linq, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089")]
    public async Task An_assembly_of_the_framework_is_there_by_its_name(string name) =>
        Assert.Equal("<a />", await Cells.ValueAsync($"#r \"{name}\"\nnew System.Xml.Linq.XElement(\"a\").ToString()"));

    [Fact]
    public async Task A_loaded_file_loads_others_beside_it()
    {
        Directory.CreateDirectory("lib/inner");
        File.WriteAllBytes("lib/inner/Mine.dll", Library.Saying("Mine", "mine"));
        File.WriteAllText("lib/outer.csx", "#load \"inner/inner.csx\"\nvar outer = inner + 1;\n");
        File.WriteAllText("lib/inner/inner.csx", "#r \"Mine.dll\"\nvar inner = Mine.Say().Length;\n");

        Assert.Equal("9", await Cells.ValueAsync("#load \"lib/outer.csx\"\nouter + inner"));
    }

    [Fact]
    public async Task A_file_that_loads_itself_is_refused()
    {
        File.WriteAllText("a.csx", "#load \"b.csx\"\n");
        File.WriteAllText("b.csx", "\n#load \"a.csx\"\n");

        var fault = await Cells.FaultAsync("#load \"a.csx\"");
        var missing = await Cells.FaultAsync("#load \"c.csx\"");

        Assert.Equal(("KDL205", "'a.csx' loads itself: a.csx → b.csx → a.csx."), (fault.Code, fault.Message));
        Assert.Equal(("b.csx", 1), (fault.Place!.Source, fault.Place.Position.Line));
        Assert.Equal("KDL202", missing.Code);
    }

    [Fact]
    public async Task Errors_point_into_the_loaded_file()
    {
        Directory.CreateDirectory("lib");
        File.WriteAllText("lib/broken.csx", "// one\nint x = \"two\";\n");
        File.WriteAllText("lib/throws.csx", "void Fail()\n{\n    throw new Exception(\"no\");\n}\nFail();\n");
        var path = Path.Combine("lib", "throws.csx");

        var fault = await Cells.FaultAsync("#load \"lib/broken.csx\"");
        var failed = await Assert.ThrowsAsync<CellFailedException>(() => Cells.EventsAsync("#load \"lib/throws.csx\""));

        Assert.Equal((Path.Combine("lib", "broken.csx"), 1, "int x = \"two\";"),
            (fault.Place!.Source, fault.Place.Position.Line, fault.Place.Line));
        Assert.Contains(failed.Traceback, line => line.Contains(path, StringComparison.Ordinal)
            && line.Contains("line 3", StringComparison.Ordinal));
    }
}
