namespace PerfRing;

/// <summary>When the CPU of one ring was away. Written by the watch, read by anyone.</summary>
/// <remarks>Some machines unplug CPUs to save power, many times an hour and for years: only the last ones are kept, and all are
/// counted.</remarks>
internal sealed class RingOutages
{
    internal const int Kept = 256;

    private readonly Lock _gate = new();
    private readonly Queue<CpuOutage> _ended = [];
    private CpuOutage _open;
    private volatile bool _isOpen;
    private volatile bool _isRefused;
    private long _count;

    /// <summary>Whether the CPU is away now.</summary>
    internal bool IsOpen => _isOpen;

    /// <summary>Whether the CPU may be back, and its events were refused.</summary>
    internal bool IsRefused => _isRefused;

    /// <summary>How many there were, with one that has not ended.</summary>
    internal long Count => Volatile.Read(ref _count);

    internal void Begin(ulong time)
    {
        lock (_gate)
        {
            _open = new CpuOutage(time, null);
            _isRefused = false;
            _isOpen = true;
            Volatile.Write(ref _count, _count + 1);
        }
    }

    /// <summary>Notes that the CPU is back and its events can't be opened.</summary>
    internal void Refuse(SystemCallException refusal)
    {
        lock (_gate)
        {
            _open = _open with { Refusal = refusal };
            _isRefused = true;
        }
    }

    /// <returns>The outage, with its end.</returns>
    internal CpuOutage End(ulong time)
    {
        lock (_gate)
        {
            CpuOutage ended = new(_open.Begin, time);
            if (_ended.Count == Kept)
                _ended.Dequeue();

            _ended.Enqueue(ended);
            _isOpen = _isRefused = false;
            return ended;
        }
    }

    /// <summary>The last of them, oldest first. Null if there was none.</summary>
    internal IReadOnlyList<CpuOutage>? ToList()
    {
        lock (_gate)
        {
            if (_count == 0)
                return null;

            return _isOpen ? [.. _ended, _open] : [.. _ended];
        }
    }
}
