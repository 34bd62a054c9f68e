using PerfRing.Interop;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Cli;

/// <summary>A thread with a name of its own that sleeps and wakes, over and over.</summary>
internal sealed class NamedThread : IDisposable
{
    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(5);

    private readonly ManualResetEventSlim _end = new();
    private readonly Thread _thread;
    private volatile bool _named;

    internal NamedThread(string name)
    {
        _thread = new Thread(() =>
        {
            Shim.GetTid(out int tid);
            File.WriteAllText($"/proc/self/task/{tid}/comm", name);
            _named = true;
            while (!_end.Wait(Nap))
            {
            }
        });
        _thread.Start();
        Wait.Until(() => _named, "the thread to have its name");
    }

    public void Dispose()
    {
        _end.Set();
        _thread.Join();
        _end.Dispose();
    }
}
