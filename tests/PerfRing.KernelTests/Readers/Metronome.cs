namespace PerfRing.KernelTests.Readers;

/// <summary>Does one thing on a thread of its own each time that it is asked to, so that the asking thread can wait for it.</summary>
internal sealed class Metronome : IDisposable
{
    private readonly SemaphoreSlim _asked = new(0);
    private readonly Thread _thread;
    private volatile bool _stopped;

    internal Metronome(Action beat)
    {
        _thread = new Thread(() =>
        {
            while (true)
            {
                _asked.Wait();
                if (_stopped)
                    return;

                beat();
            }
        });
        _thread.IsBackground = true;
        _thread.Start();
    }

    internal void Next() => _asked.Release();

    public void Dispose()
    {
        _stopped = true;
        _asked.Release();
        _thread.Join();
        _asked.Dispose();
    }
}
