using ScottPlot;

namespace PerfRing.Load;

/// <summary>Draws delays as curves: how many of the records had come to their handler after so long.</summary>
internal static class WakeupPlot
{
    private const int Width = 900;
    private const int Height = 480;

    internal static void Save(IEnumerable<(WakeupScenario Scenario, DelayDistribution Delays)> results, string path)
    {
        using Plot plot = new();
        foreach ((WakeupScenario scenario, DelayDistribution delays) in results.Where(static result => result.Scenario.Kind == WakeupKindOfRing.Perf))
        {
            (double[] times, double[] shares) = Curve(delays);
            ScottPlot.Plottables.Scatter curve = plot.Add.ScatterLine(times, shares);
            curve.LegendText = $"{scenario.Policy}, {(scenario.IsSameCore ? "same core" : "cross core")}";
            curve.LineWidth = 2;
            curve.LinePattern = scenario.IsSameCore ? LinePattern.Dashed : LinePattern.Solid;
        }

        ScottPlot.TickGenerators.NumericAutomatic decades = new()
        {
            LabelFormatter = static power => $"{Math.Pow(10, power):0.###}",
            IntegerTicksOnly = true,
        };
        plot.Axes.Bottom.TickGenerator = decades;
        plot.XLabel("from the time in the record to its handler, microseconds");
        plot.YLabel("records, %");
        plot.Title("perf ring, records one by one");
        plot.ShowLegend(Alignment.LowerRight);
        plot.SaveSvg(path, Width, Height);
    }

    private static (double[] Times, double[] Shares) Curve(DelayDistribution delays)
    {
        List<double> times = [];
        List<double> shares = [];
        long passed = 0;
        foreach ((TimeSpan upTo, long records) in delays.Buckets())
        {
            passed += records;
            times.Add(Math.Log10(Math.Max(0.1, upTo.TotalMicroseconds)));
            shares.Add(100.0 * passed / delays.Count);
        }

        return ([.. times], [.. shares]);
    }
}
