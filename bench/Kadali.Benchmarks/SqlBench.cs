namespace Kadali.Benchmarks;

/// <summary><c>#!sql</c> cells beside DuckDB driven by hand, in one process.</summary>
internal static class SqlBench
{
    public static async Task RunAsync(bool quick)
    {
        var million = quick ? 50_000 : 1_000_000;
        var repeats = quick ? 1 : 7;
        using var cells = new CellRunner();
        using var hand = new HandWritten();
        var parquet = Path.Combine(Directory.CreateTempSubdirectory("kadali-bench-").FullName, "readings.parquet");
        hand.Execute($"COPY ({Readings(million)}) TO '{parquet}' (FORMAT parquet)");
        await cells.RunAsync(
            $"public record Reading(long Id, double Value, string Label);\n"
            + $"var readings = Enumerable.Range(0, {million}).Select(i => new Reading(i, i / 7.0, \"reading \" + i)).ToList();");
        var readings = hand.Readings(Readings(million));
        var sum = $"{(long)million * (million - 1) / 2}";
        var page = Readings(10 * million);
        var typed = Readings(million);
        var grouped =
            $"SELECT id % 100 AS part, avg(value) AS mean, count(DISTINCT label) AS labels FROM '{parquet}' GROUP BY ALL ORDER BY ALL";
        var turn = 0;

        Comparison.PrintHead();
        await new Comparison(
            $"{10 * million:N0} rows: the first page", () => cells.ExpectAsync($"#!sql\n{page}", "reading 0"),
            Done(() => hand.FirstChunk(page)),
            "DuckDB's first chunk", 1.1, 10) { Between = Fresh }.RunAsync(repeats);
        await new Comparison(
            $"{million:N0} rows as C# objects", () => cells.ExpectAsync($"#!sql --name typed\n{typed}", "reading 0"),
            Done(() => hand.Readings(typed)), "a loop over the chunks", 1.5) { Between = Fresh }.RunAsync(repeats);
        await new Comparison(
            $"{million:N0} C# objects as a table", () => cells.ExpectAsync("#!sql\nSELECT sum(Id) AS total FROM readings", sum),
            Done(() => hand.Append(readings)), "DuckDB's appender") { Between = Fresh }.RunAsync(repeats);
        await new Comparison(
            $"a file of {million:N0} rows shown as a table", () => cells.ExpectAsync($"#!sql\nFROM '{parquet}'", "reading 0"),
            Done(() => hand.FirstChunk($"FROM '{parquet}'")), "DuckDB's first chunk") { Between = Fresh }.RunAsync(repeats);
        await new Comparison(
            "the same query again, over the same file", () => cells.RunAsync($"#!sql\n{grouped} -- {turn}"),
            () => cells.RunAsync($"#!sql\n{grouped} -- {++turn}"), "its first run").RunAsync(repeats);
        Directory.Delete(Path.GetDirectoryName(parquet)!, recursive: true);
        Comparison.Say(
            $"\nMedians of {repeats}, turn about, after one turn that is not counted; allocated bytes are those of .NET's heap.");

        // What a cell leaves open, and the collection of what it gave, belong to no figure.
        Task Fresh() => cells.ExpectAsync("#!sql\nSELECT 1 AS one", "1");
    }

    private static string Readings(int rows) =>
        $"SELECT range AS id, range / 7.0::DOUBLE AS value, 'reading ' || range AS label FROM range({rows})";

    private static Func<Task> Done(Action run) => () =>
    {
        run();
        return Task.CompletedTask;
    };

    private static Func<Task> Done<T>(Func<T> run) => Done(() => { _ = run(); });
}
