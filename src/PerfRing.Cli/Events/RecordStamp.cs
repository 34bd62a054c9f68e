namespace PerfRing.Cli.Events;

/// <summary>When and where a record was written.</summary>
/// <param name="Time">Nanoseconds of CLOCK_MONOTONIC.</param>
/// <param name="Cpu">The CPU.</param>
/// <param name="ProcessId">The process; -1 for one that can't be seen.</param>
/// <param name="ThreadId">The thread; 0 is the idle thread.</param>
internal readonly record struct RecordStamp(ulong Time, int Cpu, int ProcessId, int ThreadId)
{
    internal static RecordStamp Of(scoped in Record record) => new(record.Time, record.Cpu, record.ProcessId, record.ThreadId);
}
