using PerfRing.Interop;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Readers;

/// <summary>A read without a bound on a thread of its own, which is asleep in the kernel once this object is made.</summary>
internal sealed class Waiting : IDisposable
{
    private readonly Thread _thread;
    private readonly RingReader _reader;
    private readonly bool _ownsReader;
    private volatile Exception? _failure;
    private volatile int _tid;
    private (ReadStatus Status, int Records) _result;

    internal Waiting(RingReader reader, bool ownsReader = true, CancellationToken cancellationToken = default)
    {
        _ownsReader = ownsReader;
        _reader = reader;
        _thread = new Thread(() =>
        {
            Shim.GetTid(out int tid);
            _tid = tid;
            try
            {
                using RecordBatch batch = reader.Read(Timeout.InfiniteTimeSpan, cancellationToken);
                int records = 0;
                foreach (Record _ in batch)
                    records++;

                _result = (batch.Status, records);
            }
            catch (OperationCanceledException e)
            {
                _failure = e;
            }
        });
        _thread.IsBackground = true;
        _thread.Start();
        Wait.Until(() => IsAsleepInEpoll(_tid), "the reader to sleep in epoll", seen: () => State(_tid));
    }

    internal int NativeThreadId => _tid;

    internal bool IsOver => !_thread.IsAlive;

    /// <summary>Whether the read is still waiting after a while. Something that must not happen can't be waited for.</summary>
    internal bool StaysAsleepFor(TimeSpan aWhile) => !_thread.Join(aWhile) && IsAsleepInEpoll(_tid);

    /// <summary>What the read returned, which it does in the end.</summary>
    internal (ReadStatus Status, int Records) Result()
    {
        Assert.True(_thread.Join(TimeSpan.FromSeconds(10)), $"the read never returned; its thread: {State(_tid)}");
        return _failure is null ? _result : throw _failure;
    }

    public void Dispose()
    {
        if (_ownsReader)
            _reader.Dispose();

        _thread.Join();
    }

    /// <summary>Whether a thread is blocked in epoll_wait or one of its kin, by the kernel's own word.</summary>
    internal static bool IsAsleepInEpoll(int tid)
    {
        string state = State(tid);

        // /proc/self/task/N/syscall: the number and the arguments of a blocked call. epoll_pwait2 is 441 everywhere; on
        // x86-64 epoll_wait is 232 and epoll_pwait 281, on arm64 epoll_pwait is 22.
        return state.StartsWith("441 ", StringComparison.Ordinal) || state.StartsWith("232 ", StringComparison.Ordinal)
            || state.StartsWith("281 ", StringComparison.Ordinal) || state.StartsWith("22 ", StringComparison.Ordinal);
    }

    private static string State(int tid)
    {
        try
        {
            return tid == 0 ? "not started" : File.ReadAllText($"/proc/self/task/{tid}/syscall").Trim();
        }
        catch (IOException)
        {
            return "ended";
        }
    }
}
