namespace PerfRing;

/// <summary>What all records of one ring have in common.</summary>
internal sealed class RecordOrigin(int cpu, SampleLayout layout)
{
    private (ulong Id, int Source)[] _events = [];

    /// <summary>The CPU whose events the ring holds, or -1 where the ring belongs to none.</summary>
    internal int Cpu { get; } = cpu;

    internal SampleLayout Layout { get; } = layout;

    /// <summary>Tells which source an event id stands for. Not for use while the ring is being read.</summary>
    internal void Add(ulong eventId, int source) => _events = [.. _events, (eventId, source)];

    /// <summary>The source behind an event id, or -1 if it is none of ours.</summary>
    internal int FindSource(ulong eventId)
    {
        // A ring has as many ids as there are events in it: a handful, or a few for each thread of a traced process.
        foreach ((ulong id, int source) in _events)
        {
            if (id == eventId)
                return source;
        }

        return -1;
    }

    /// <summary>The source of records that carry no id: there is only one.</summary>
    internal int OnlySource => _events.Length == 0 ? -1 : _events[0].Source;
}
