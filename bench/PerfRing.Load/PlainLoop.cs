using System.Runtime.InteropServices;

namespace PerfRing.Load;

/// <summary>The hand-written C loop of bench/peers/perf_drain.c.</summary>
internal static partial class PlainLoop
{
    [LibraryImport("perf_drain", EntryPoint = "perf_drain")]
    [SuppressGCTransition]
    internal static partial ulong Drain(nint control, ulong page, ulong size, ref ulong sum);
}
