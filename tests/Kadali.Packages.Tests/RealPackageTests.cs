using Kadali.Cells;

namespace Kadali.Packages.Tests;

/// <summary>Packages of the machine's own sources. What cannot be fetched here, and is not unpacked, is skipped by name.</summary>
public sealed class RealPackageTests : IDisposable
{
    private readonly Place _place = new();
    private readonly PackageNotebook _notebook = new();

    public RealPackageTests() => File.Delete("NuGet.Config");

    public void Dispose()
    {
        _notebook.Dispose();
        _place.Dispose();
    }

    [Fact]
    public async Task Humanizer_humanizes_also_in_German()
    {
        await AddAsync("Humanizer.Core.de,2.14.1");

        Assert.Equal("some text", await ValueAsync("using Humanizer;\n\"some_text\".Humanize()"));
        Assert.Equal("gestern", await ValueAsync("DateTime.UtcNow.AddDays(-1).Humanize(culture: new(\"de\"))"));
    }

    [Fact]
    public async Task Json_goes_there_and_back()
    {
        await AddAsync("Newtonsoft.Json,13.0.1");

        Assert.Equal("{\"A\":1}", await ValueAsync("Newtonsoft.Json.JsonConvert.SerializeObject(new { A = 1 })"));
    }

    [Fact]
    public async Task Sqlite_brings_its_native_library()
    {
        await AddAsync("Microsoft.Data.Sqlite,10.0.15");

        Assert.Equal("42", await ValueAsync(
            """
            using Microsoft.Data.Sqlite;
            var connection = new SqliteConnection("Data Source=:memory:");
            connection.Open();
            var command = connection.CreateCommand();
            command.CommandText = "SELECT 6 * 7";
            command.ExecuteScalar()
            """));
    }

    [Fact]
    public async Task A_model_is_trained_with_ML_NET()
    {
        await AddAsync("Microsoft.ML,5.0.1");

        Assert.Equal("21", await ValueAsync(
            """
            using Microsoft.ML;
            using Microsoft.ML.Data;
            public class House { public float Size { get; set; } public float Price { get; set; } }
            public class Estimate { [ColumnName("Score")] public float Price { get; set; } }
            var ml = new MLContext(seed: 1);
            var houses = ml.Data.LoadFromEnumerable(
                Enumerable.Range(1, 50).Select(size => new House { Size = size, Price = 2 * size + 1 }));
            var pipeline = ml.Transforms.Concatenate("Features", "Size")
                .Append(ml.Regression.Trainers.Sdca("Price", maximumNumberOfIterations: 200));
            var model = pipeline.Fit(houses);
            Math.Round(ml.Model.CreatePredictionEngine<House, Estimate>(model).Predict(new() { Size = 10 }).Price)
            """));
    }

    private async Task AddAsync(string reference)
    {
        try
        {
            await _notebook.Cells.EventsAsync($"#r \"nuget:{reference}\"");
        }
        catch (CellFaultException fault) when (fault.Fault.Code is "KDL211" or "KDL212" or "KDL219")
        {
            Assert.Skip($"{reference} cannot be had here: {fault.Message}");
        }
    }

    private Task<string?> ValueAsync(string code) => _notebook.Cells.ValueAsync(code);
}
