namespace PerfRing;

/// <summary>What all records of one ring have in common.</summary>
internal sealed class RecordOrigin
{
    private readonly int _source = -1;
    private readonly RecordOrigin? _ring;
    private RecordBuffers? _buffers;
    private (ulong Id, int Source)[] _events = [];

    /// <summary>The records of a perf ring.</summary>
    internal RecordOrigin(int cpu, SampleLayout layout)
    {
        Cpu = cpu;
        Layout = layout;
    }

    /// <summary>The records of a ring that has one source and nothing but payloads.</summary>
    internal RecordOrigin(int cpu, int source)
    {
        Cpu = cpu;
        _source = source;
        Layout = SampleLayout.PayloadOnly;
        Framing = RecordFraming.Length;
    }

    /// <summary>Copies of a ring's records.</summary>
    /// <param name="ring">What the copied records have in common.</param>
    /// <param name="memory">What they lie in. It stays alive with each view of a record in it, as those refer to this object.</param>
    internal RecordOrigin(RecordOrigin ring, object memory)
    {
        _ring = ring;
        Memory = memory;
        Cpu = ring.Cpu;
        Layout = ring.Layout;
        Framing = ring.Framing;
    }

    /// <summary>What holds the record, if that is a copy.</summary>
    internal object? Memory { get; }

    /// <summary>Where the records of this ring are copied to, made with the first copy.</summary>
    internal RecordBuffers Buffers => _ring?.Buffers ?? _buffers
        ?? Interlocked.CompareExchange(ref _buffers, new RecordBuffers(this), null) ?? _buffers;

    /// <summary>The CPU whose events the ring holds, or -1 where the ring belongs to none.</summary>
    internal int Cpu { get; }

    internal SampleLayout Layout { get; }

    internal RecordFraming Framing { get; }

    /// <summary>Tells which source an event id stands for. By one thread at a time, also while the ring is being read, but before
    /// the event writes.</summary>
    /// <remarks>The ids of events that are gone stay: records of theirs may lie in the ring, and copies of them anywhere. The
    /// newest come first, as they are the ones that are asked for.</remarks>
    internal void Add(ulong eventId, int source) => Volatile.Write(ref _events, [(eventId, source), .. _events]);

    /// <summary>The source behind an event id, or -1 if it is none of ours.</summary>
    internal int FindSource(ulong eventId)
    {
        if (_ring is not null)
            return _ring.FindSource(eventId);

        // A ring has as many ids as there are events in it: a handful, or a few for each thread of a traced process.
        foreach ((ulong id, int source) in _events)
        {
            if (id == eventId)
                return source;
        }

        return -1;
    }

    /// <summary>The source of records that carry no id: there is only one.</summary>
    internal int OnlySource => _ring?.OnlySource ?? (_events.Length == 0 ? _source : _events[^1].Source);
}
