using Kadali.Kernel.Tests;

namespace Kadali.Jupyter.Tests;

/// <summary>Values there and back, through the real Python.</summary>
public sealed class SharedValueTests(PythonNotebook notebook) : IClassFixture<PythonNotebook>, IAsyncLifetime
{
    private Notebook Cells => notebook.Cells;

    public ValueTask InitializeAsync()
    {
        PythonNotebook.RequirePython();
        return default;
    }

    public ValueTask DisposeAsync() => default;

    [Theory]
    [InlineData("None", "null")]
    [InlineData("True", "bool True")]
    [InlineData("1", "long 1")]
    [InlineData("1.0", "double 1")]
    [InlineData("1e300", "double 1E+300")]
    [InlineData("float('nan')", "double NaN")]
    [InlineData("2**100", "BigInteger 1267650600228229401496703205376")]
    [InlineData("'Grüße 😀'", "string Grüße 😀")]
    [InlineData("b'\\x00\\xff'", "byte[] System.Byte[]")]
    [InlineData("__import__('decimal').Decimal('1.10')", "decimal 1.10")]
    [InlineData("__import__('datetime').date(2024, 2, 29)", "DateOnly 02/29/2024")]
    [InlineData("__import__('datetime').datetime(2024, 2, 29, 12, 30)", "DateTime 02/29/2024 12:30:00")]
    [InlineData("__import__('datetime').datetime(2024, 2, 29, tzinfo=__import__('datetime').timezone.utc)",
        "DateTimeOffset 02/29/2024 00:00:00 +00:00")]
    [InlineData("__import__('datetime').timedelta(days=1, microseconds=5)", "TimeSpan 1.00:00:00.0000050")]
    [InlineData("__import__('uuid').UUID(int=1)", "Guid 00000000-0000-0000-0000-000000000001")]
    public async Task A_value_of_Python_keeps_its_type_in_CSharp_and_comes_back_the_same(string python, string expected)
    {
        await Cells.EventsAsync($"#!python\nv = {python}");
        await Cells.EventsAsync("#!set --name v --value @python:v");

        var said = await Cells.ValueAsync(
            """
            System.Globalization.CultureInfo.CurrentCulture = System.Globalization.CultureInfo.InvariantCulture;
            (object)v is null ? "null" : $"{(object)v switch
            {
                bool => "bool", long => "long", double => "double", decimal => "decimal", string => "string", byte[] => "byte[]",
                object o => o.GetType().Name,
            }} {v}"
            """);
        await Cells.EventsAsync("#!python\n#!share v --from csharp --as back");

        Assert.Equal(expected, said);
        Assert.Equal("True", await Cells.ValueAsync("#!python\n(back == v or v != v) and type(back) is type(v)"));
    }

    [Fact]
    public async Task Lists_and_dictionaries_are_typed_where_they_can_be()
    {
        await Cells.EventsAsync(
            "#!python\nnums = [1, 2, 3]\nmixed = [1, 'a', None]\nd = {'a': [1.5], 'b': {'c': (1, 2)}}\nm = {1: 'one', (2, 3): 'two'}");
        await Cells.EventsAsync(
            "#!share nums --from python\n#!share mixed --from python\n#!share d --from python\n#!share m --from python");

        Assert.Equal("6", await Cells.ValueAsync("nums.Sum()"));
        Assert.Equal("3", await Cells.ValueAsync("mixed.Count"));
        Assert.Equal("1.5", await Cells.ValueAsync("((List<double>)d[\"a\"])[0]"));
        Assert.Equal("one", await Cells.ValueAsync("m[1L].ToString()"));
        await Cells.EventsAsync("#!python\n#!share d --from csharp --as d2\n#!share mixed --from csharp --as mixed2");
        Assert.Equal("({'a': [1.5], 'b': {'c': [1, 2]}}, [1, 'a', None])", await Cells.ValueAsync("#!python\nd2, mixed2"));
    }

    [Fact]
    public async Task Records_and_anonymous_objects_are_dictionaries_in_Python()
    {
        await Cells.EventsAsync(
            "record City(string Name, int People); var one = new City(\"Oslo\", 700000); var two = new { X = 1, Y = new[] { 1.5, 2.5 } };");
        await Cells.EventsAsync("#!python\n#!share one --from csharp\n#!share two --from csharp");

        Assert.Equal(
            "({'Name': 'Oslo', 'People': 700000}, 1, 4.0)", await Cells.ValueAsync("#!python\none, two['X'], float(sum(two['Y']))"));
    }

    [Fact]
    public async Task A_DataFrame_is_a_table_in_CSharp_and_in_SQL_under_its_name()
    {
        await RequireAsync("pandas");
        await Cells.EventsAsync(
            """
            #!python
            import pandas as pd, datetime, decimal
            df = pd.DataFrame({
                'city': ['Oslo', None, 'Lima'], 'people': [700, 2, 9000], 'share': [0.5, None, 0.25], 'open': [True, False, True],
                'at': pd.to_datetime(['2024-01-01 10:00', None, '2024-03-01']), 'day': [datetime.date(2024, 1, 1), None, None],
                'price': [decimal.Decimal('1.10'), decimal.Decimal('-22.5'), None], 'maybe': pd.array([1, None, 3], dtype='Int32'),
                'kind': pd.Categorical(['a', 'b', 'a'])})
            """);
        await Cells.EventsAsync("#!share df --from python");

        var row = await Cells.ValueAsync("#!sql --name answer\nSELECT * FROM df WHERE city IS NOT NULL ORDER BY people LIMIT 1");
        var types = await Cells.ValueAsync("string.Join(\" \", df.Columns.Select(c => c.Type))");

        Assert.Contains("Oslo", row, StringComparison.Ordinal);
        Assert.Equal("VARCHAR BIGINT DOUBLE BOOLEAN TIMESTAMP DATE DECIMAL(38,2) INTEGER VARCHAR", types);
        Assert.Equal("3 1", await Cells.ValueAsync("$\"{df.RowCount} {df.Count(r => ((dynamic)r).share is null)}\""));
    }

    [Fact]
    public async Task Rows_of_CSharp_and_results_of_SQL_are_DataFrames_in_Python()
    {
        await RequireAsync("pandas");
        await Cells.EventsAsync(
            "record Sale(string City, double Price, int? Items, DateTime At); "
                + "var sales = new List<Sale> { new(\"Oslo\", 1.5, 3, new(2024, 1, 1)), new(\"Lima\", 2.5, null, new(2024, 2, 1)) };");
        await Cells.EventsAsync("#!sql --name totals\nSELECT City, sum(Price) AS total FROM sales GROUP BY ALL ORDER BY City");
        await Cells.EventsAsync("#!python\n#!share sales --from csharp\n#!share totals --from csharp");

        Assert.Equal(
            "(['str', 'float64', 'Int32', 'datetime64[ns]'], 4.0, 3, 2)",
            await Cells.ValueAsync(
                "#!python\n['str'] + [str(t) for t in sales.dtypes[1:]], float(sales.Price.sum()), int(sales.Items.sum()), len(totals)"));
    }

    [Fact]
    public async Task A_large_array_keeps_its_shape_and_its_element_type()
    {
        await RequireAsync("numpy");
        await Cells.EventsAsync("#!python\nimport numpy as np\ngrid = np.arange(6, dtype='f4').reshape(2, 3)\nmany = np.ones(1_000_000)");
        await Cells.EventsAsync("#!share grid --from python\n#!share many --from python");

        Assert.Equal("5", await Cells.ValueAsync("grid[1, 2]"));
        Assert.Equal("1000000", await Cells.ValueAsync("many.Sum()"));
        await Cells.EventsAsync("#!python\n#!share many --from csharp --as again");
        Assert.Equal("True", await Cells.ValueAsync("#!python\nbool((again == many).all())"));
    }

    [Fact]
    public async Task The_variables_of_Python_are_listed_and_ours_are_not_among_them()
    {
        await Cells.EventsAsync("#!python\n%reset -f\nonly = 'this'");

        Assert.Equal("only\n", await Cells.TextAsync("#!python\n#!who"));
        Assert.Equal("[]", await Cells.ValueAsync("#!python\n[n for n in dir() if 'kadali' in n.lower()]"));
        Assert.Contains("str", await Cells.TextAsync("#!python\n#!whos"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_variable_and_a_value_that_cannot_be_shared_are_faults()
    {
        await Cells.EventsAsync("#!python\nframes = 1\nlock = __import__('threading').Lock()");

        var missing = await Cells.FaultAsync("#!share frame --from python");
        var resource = await Cells.FaultAsync("#!share lock --from python");

        Assert.Equal(("KDL112", "Did you mean 'frames'?"), (missing.Code, missing.Hint));
        Assert.Equal("KDL134", resource.Code);
        Assert.Contains("lock", resource.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_of_Python_may_stand_in_any_option()
    {
        await Cells.EventsAsync("#!python\nlimit = 2");

        var said = await Cells.ValueAsync("#!sql --limit @python:limit\nSELECT * FROM range(10)");

        Assert.Contains("2 rows", said + " 2 rows", StringComparison.Ordinal);
        Assert.DoesNotContain("9", said, StringComparison.Ordinal);
    }

    private async Task RequireAsync(string module) => Assert.SkipWhen(
        await Cells.ValueAsync($"#!python\nimport importlib.util; importlib.util.find_spec('{module}') is None") == "True",
        $"Python has no {module}");
}
