namespace PerfRing;

/// <summary>What the kernel counts for one event on one CPU (read(2) on its descriptor).</summary>
/// <param name="Cpu">The CPU.</param>
/// <param name="SourceIndex">The index of the source in <see cref="PerfEventReader.Sources"/>.</param>
/// <param name="Value">How often it happened while enabled. Always 0 for BPF output.</param>
/// <param name="Lost">Samples for which there was no room, exact at any time (PERF_FORMAT_LOST); null before Linux 6.0.</param>
/// <param name="Enabled">How long the event has been enabled. Stands still while its CPU is offline.</param>
/// <param name="Running">How long it was on the CPU; less than <paramref name="Enabled"/> where events share counters.</param>
public readonly record struct PerfEventCount(
    int Cpu, int SourceIndex, ulong Value, ulong? Lost, TimeSpan Enabled, TimeSpan Running);
