using System.Globalization;
using PerfRing.Abi;
using PerfRing.Interop;

namespace PerfRing;

/// <summary>What the kernel answered when each of its features was tried: 0 or -errno.</summary>
/// <remarks>Versions are not asked for: distributions carry features back, and filters take them away.</remarks>
/// <param name="WholeCpu">See <see cref="PerfEventProbe.WholeCpu"/>.</param>
/// <param name="OwnProcess">See <see cref="PerfEventProbe.OwnProcess"/>.</param>
/// <param name="Tracepoint">See <see cref="PerfEventProbe.Tracepoint"/>; null where tracefs did not tell the number.</param>
/// <param name="LostCounts">See <see cref="PerfEventProbe.LostCounts"/>.</param>
/// <param name="PerfEventArray">A perf event array of one slot.</param>
/// <param name="RingBuffer">A BPF ring buffer of one page.</param>
/// <param name="UserRingBuffer">A user ring buffer of one page.</param>
/// <param name="OverwritingRing">A BPF ring buffer of one page that overwrites.</param>
/// <param name="EpollPwait2">epoll_pwait2(2) on an empty set, without a wait.</param>
/// <param name="Membarrier">The query of membarrier(2).</param>
/// <param name="MembarrierCommands">What that query returned.</param>
internal sealed record KernelAnswers(
    int WholeCpu,
    int OwnProcess,
    int? Tracepoint,
    int LostCounts,
    int PerfEventArray,
    int RingBuffer,
    int UserRingBuffer,
    int OverwritingRing,
    int EpollPwait2,
    int Membarrier,
    int MembarrierCommands)
{
    /// <summary>Every kernel with tracepoints has this one.</summary>
    internal const string TriedTracepoint = "sched:sched_switch";

    /// <summary>Tries everything on the kernel that runs. Leaves nothing open.</summary>
    /// <param name="files">Where tracefs is looked for.</param>
    /// <param name="cpu">A CPU that is online.</param>
    internal static KernelAnswers Ask(KernelFiles files, int cpu)
    {
        uint page = (uint)Environment.SystemPageSize;
        int membarrier = Interop.Membarrier.Query(out int commands);
        return new KernelAnswers(
            PerfEventProbe.WholeCpu(cpu),
            PerfEventProbe.OwnProcess(),
            FindTracepoint(files) is { } id ? PerfEventProbe.Tracepoint(id, cpu) : null,
            PerfEventProbe.LostCounts(),
            BpfProbe.CreateMap(Bpf.MapTypePerfEventArray, sizeof(int), sizeof(int), 1, 0),
            BpfProbe.CreateMap(Bpf.MapTypeRingBuffer, 0, 0, page, 0),
            BpfProbe.CreateMap(Bpf.MapTypeUserRingBuffer, 0, 0, page, 0),
            BpfProbe.CreateMap(Bpf.MapTypeRingBuffer, 0, 0, page, Bpf.MapFlagOverwrite),
            TryEpollPwait2(),
            membarrier,
            commands);
    }

    private static int TryEpollPwait2()
    {
        int result = Shim.EpollCreate(out int fd);
        if (result != 0)
            return result;

        using Descriptor epoll = new(fd);
        return PollCall.Wait(epoll, stackalloc Ready[1], nanoseconds: 0, out _);
    }

    private static ulong? FindTracepoint(KernelFiles files)
    {
        try
        {
            TracingFileSystem tracing = TracingFileSystem.Find(files.PathOf(KernelFiles.Mounts));
            string id = File.ReadAllText(Path.Combine(tracing.Root, "events", TriedTracepoint.Replace(':', '/'), "id"));
            return ulong.TryParse(id.AsSpan().Trim(), CultureInfo.InvariantCulture, out ulong number) ? number : null;
        }
        catch (Exception e) when (e is TracingUnavailableException or IOException or UnauthorizedAccessException)
        {
            // The check of tracefs says which of them it is.
            return null;
        }
    }
}
