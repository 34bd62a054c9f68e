namespace PerfRing.Testing;

/// <summary>Keeps test processes apart where a test changes the machine itself: CPUs going offline, sysctls.</summary>
/// <remarks>The lock is between processes. Inside one, xunit keeps tests apart: a class that takes the lock exclusively belongs
/// in a collection with <c>DisableParallelization</c>, since its process counts as one holder with all its tests.</remarks>
internal static class MachineLock
{
    private static readonly TimeSpan DefaultBound = TimeSpan.FromSeconds(120);
    private static readonly Lock Gate = new();
    private static readonly SemaphoreSlim ExclusiveTurn = new(1);

    // Opened once and kept, so that counts of descriptors before and after a test agree.
    private static readonly Lazy<LockFile> Between =
        new(() => new LockFile(Path.Combine(Path.GetTempPath(), "perfring-tests.lock")));

    private static int _sharers;
    private static bool _exclusive;

    /// <summary>Holds off every process that wants the machine for itself. Counted: the first takes, the last releases.</summary>
    /// <exception cref="TimeoutException">Another process kept the machine for the whole bound, 120 s by default.</exception>
    internal static IDisposable Shared(TimeSpan? bound = null)
    {
        lock (Gate)
        {
            if (_sharers == 0 && !_exclusive)
                Between.Value.Take(exclusive: false, bound ?? DefaultBound);
            _sharers++;
        }

        return new Held(ReleaseShared);
    }

    /// <summary>Waits until no other process holds the lock and keeps them out.</summary>
    /// <remarks>A process that holds the lock shared gives that up while it waits, or two that do the same would wait for each
    /// other; it has it back after the exclusive part, when those who waited meanwhile have had their turn.</remarks>
    /// <exception cref="TimeoutException">Others held the lock for the whole bound, 120 s by default.</exception>
    internal static IDisposable Exclusive(TimeSpan? bound = null)
    {
        TimeSpan longest = bound ?? DefaultBound;
        if (!ExclusiveTurn.Wait(longest))
        {
            throw new TimeoutException(
                $"Another test of this process held the machine lock exclusively for {longest.TotalSeconds:0.#} s.");
        }

        try
        {
            lock (Gate)
            {
                try
                {
                    Between.Value.Take(exclusive: true, longest);
                    _exclusive = true;
                }
                catch (TimeoutException)
                {
                    if (_sharers > 0)
                        Between.Value.Take(exclusive: false, DefaultBound);
                    throw;
                }
            }
        }
        catch
        {
            ExclusiveTurn.Release();
            throw;
        }

        return new Held(ReleaseExclusive);
    }

    private static void ReleaseShared()
    {
        lock (Gate)
        {
            _sharers--;
            if (_sharers == 0 && !_exclusive)
                Between.Value.Release();
        }
    }

    private static void ReleaseExclusive()
    {
        try
        {
            lock (Gate)
            {
                _exclusive = false;
                if (_sharers > 0)
                {
                    Between.Value.LetOthersGoFirst();
                    Between.Value.Take(exclusive: false, DefaultBound);
                }
                else
                {
                    Between.Value.Release();
                }
            }
        }
        finally
        {
            ExclusiveTurn.Release();
        }
    }

    private sealed class Held(Action release) : IDisposable
    {
        private Action? _release = release;

        public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
    }
}
