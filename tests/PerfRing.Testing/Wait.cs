using System.Diagnostics;
using Xunit;

namespace PerfRing.Testing;

/// <summary>Waits for what a test expects to happen, instead of sleeping and hoping.</summary>
internal static class Wait
{
    private const int SpinsBeforePause = 50;
    private const int PauseMilliseconds = 1;

    private static readonly TimeSpan DefaultBound = TimeSpan.FromSeconds(10);

    /// <summary>Nobody sets it: waiting on it is a pause that leaves the CPU to those who are waited for.</summary>
    private static readonly ManualResetEventSlim Never = new();

    /// <summary>Returns as soon as the condition holds.</summary>
    /// <param name="condition">Asked again and again, so it should be cheap and change nothing.</param>
    /// <param name="what">What is waited for, as it completes "waited 10 s for …".</param>
    /// <param name="bound">The longest wait, 10 s by default.</param>
    /// <param name="seen">Asked at the bound: what there was instead.</param>
    /// <exception cref="Xunit.Sdk.FailException">The condition did not hold within the bound.</exception>
    internal static void Until(Func<bool> condition, string what, TimeSpan? bound = null, Func<string>? seen = null)
    {
        TimeSpan longest = bound ?? DefaultBound;
        long started = Stopwatch.GetTimestamp();
        for (int round = 0; ; round++)
        {
            // The clock is read before the look: a test thread that was held up past the bound still looks once more.
            bool last = Stopwatch.GetElapsedTime(started) >= longest;
            if (condition())
                return;
            if (last)
                Assert.Fail($"Waited {longest.TotalSeconds:0.###} s for {what}{(seen is null ? "." : $"; saw {seen()}.")}");

            if (round < SpinsBeforePause)
                Thread.Yield();
            else
                Never.Wait(PauseMilliseconds);
        }
    }
}
