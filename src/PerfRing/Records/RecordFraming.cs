namespace PerfRing;

/// <summary>How the records of a ring say how long they are.</summary>
internal enum RecordFraming
{
    /// <summary><c>struct perf_event_header</c>: type, size of the whole record; the payload is a field of a sample.</summary>
    PerfEvent,

    /// <summary>Eight bytes, of which the first four are the payload's length and two flags: BPF ring buffers and shared rings.
    /// Nothing but the payload follows.</summary>
    Length,
}
