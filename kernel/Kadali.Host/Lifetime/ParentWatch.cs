using System.Diagnostics;
using System.Globalization;

namespace Kadali.Host.Lifetime;

/// <summary>Ends a kernel whose server died without a word, which Jupyter names by <c>JPY_PARENT_PID</c>.</summary>
internal static class ParentWatch
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    public static void Start(Action gone)
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable("JPY_PARENT_PID"), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            || id <= 1)
        {
            return;
        }

        Timer? timer = null;
        timer = new(
            _ =>
            {
                if (!IsAlive(id))
                {
                    timer?.Dispose();
                    gone();
                }
            },
            null, Period, Period);
    }

    private static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
