using Kadali.Benchmarks;
using Kadali.Benchmarks.Delta;

// Started by bench/bench.sh, which sees to what a bench needs.
var quick = args.Contains("--quick");
switch (args)
{
    case ["sql", ..]:
        await SqlBench.RunAsync(quick);
        return 0;
    case ["delta", var shared, .. var figures]:
        await DeltaBench.RunAsync(new(shared, quick), [.. figures.Where(figure => !figure.StartsWith('-'))]);
        return 0;
    case [LargeMerge.Child, var folder, var changes]:
        LargeMerge.RunChild(folder, changes);
        return 0;
    case ["run", var root, ..]:
        await RunBench.RunAsync(root, quick);
        return 0;
    default:
        Console.Error.WriteLine("usage: Kadali.Benchmarks sql|delta SHARED [FIGURE...]|run ROOT [--quick]");
        return 2;
}
