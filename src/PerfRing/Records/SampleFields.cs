using System.Diagnostics.CodeAnalysis;

namespace PerfRing;

/// <summary>What the kernel writes into each sample.</summary>
/// <remarks>Values are those of <c>enum perf_event_sample_format</c> in linux/perf_event.h. Each field costs the traced
/// thread the time to write it and 8 bytes of ring (<see cref="CallChain"/> and <see cref="Raw"/> more).</remarks>
[Flags]
[SuppressMessage("Naming", "CA1711:Identifiers should not have incorrect suffix", Justification = "Fields of a sample.")]
public enum SampleFields
{
    /// <summary>The header only.</summary>
    None = 0,

    /// <summary>The instruction pointer, <see cref="Record.InstructionPointer"/>.</summary>
    InstructionPointer = 1 << 0,

    /// <summary>Process and thread, <see cref="Record.ProcessId"/> and <see cref="Record.ThreadId"/>.</summary>
    ThreadId = 1 << 1,

    /// <summary>The time stamp, <see cref="Record.Time"/>.</summary>
    Time = 1 << 2,

    /// <summary>The data address, where the event has one, <see cref="Record.Address"/>.</summary>
    Address = 1 << 3,

    /// <summary>The callers' instruction pointers, <see cref="Record.CallChain"/>. Of variable size: the payload behind it is
    /// found by walking the record.</summary>
    CallChain = 1 << 5,

    /// <summary>The CPU on which it happened. <see cref="Record.Cpu"/> works without it: there is one ring a CPU.</summary>
    Cpu = 1 << 7,

    /// <summary>The number of events that this sample stands for, <see cref="Record.Period"/>.</summary>
    Period = 1 << 8,

    /// <summary>The payload: a tracepoint's fields, or what a BPF program wrote, <see cref="Record.Payload"/>.</summary>
    Raw = 1 << 10,

    /// <summary>The event's id, <see cref="Record.EventId"/>. Added by the reader whenever several events share a ring.</summary>
    EventId = 1 << 16,
}
