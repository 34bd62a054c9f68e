using System.Diagnostics;

namespace PerfRing.Cli.Events;

/// <summary>Computes a little, again and again, so that a process that watches only itself has something to see.</summary>
internal sealed class OwnActivity : IDisposable
{
    private static readonly TimeSpan Busy = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(27);

    private readonly ManualResetEventSlim _end = new();
    private readonly Thread _thread;

    /// <summary>Starts. The thread inherits the events of the one that starts it, so open them first.</summary>
    internal OwnActivity()
    {
        _thread = new Thread(Work) { IsBackground = true, Name = "perfring busy" };
        _thread.Start();
    }

    public void Dispose()
    {
        _end.Set();
        _thread.Join();
        _end.Dispose();
    }

    private void Work()
    {
        do
        {
            long started = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(started) < Busy)
                Thread.SpinWait(100);
        }
        while (!_end.Wait(Idle));
    }
}
