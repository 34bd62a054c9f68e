using PerfRing.Abi;
using PerfRing.Interop;

namespace PerfRing;

/// <summary>Opens events that never happen, to see whether the kernel lets this process. Each is closed at once.</summary>
/// <remarks>Results are 0 or -errno.</remarks>
internal static class PerfEventProbe
{
    private const int AllTasks = -1;
    private const int ThisThread = 0;
    private const int AnyCpu = -1;
    private const int NoGroup = -1;

    /// <summary>Everything that runs on a CPU, in the kernel too.</summary>
    internal static int WholeCpu(int cpu) => Try(Dummy(AttrFlags.Disabled), AllTasks, cpu);

    /// <summary>This process, in user space only: the least that there is to ask for.</summary>
    internal static int OwnProcess() => Try(Dummy(OwnUserSpace), ThisThread, AnyCpu);

    /// <summary>As <see cref="OwnProcess"/>, with the count of what was lost.</summary>
    internal static int LostCounts() => Try(Dummy(OwnUserSpace) with { ReadFormat = PerfEvent.FormatLost }, ThisThread, AnyCpu);

    /// <summary>A tracepoint with its payload, which takes more rights than the event alone.</summary>
    internal static int Tracepoint(ulong id, int cpu)
    {
        PerfEventAttr attr = new()
        {
            Type = PerfEvent.TypeTracepoint,
            Size = PerfEventAttr.Length,
            Config = id,
            SamplePeriod = 1,
            SampleType = (ulong)SampleFields.Raw,
            Flags = AttrFlags.Disabled,
        };
        return Try(attr, AllTasks, cpu);
    }

    private const AttrFlags OwnUserSpace = AttrFlags.Disabled | AttrFlags.ExcludeKernel | AttrFlags.ExcludeHypervisor;

    private static PerfEventAttr Dummy(AttrFlags flags) => new()
    {
        Type = PerfEvent.TypeSoftware,
        Size = PerfEventAttr.Length,
        Config = (ulong)SoftwareEvent.Dummy,
        Flags = flags,
    };

    private static int Try(in PerfEventAttr attr, int task, int cpu)
    {
        int result = Shim.PerfEventOpen(attr, task, cpu, NoGroup, PerfEvent.FlagCloseOnExec, out int fd);
        if (result == 0)
            new Descriptor(fd).Dispose();

        return result;
    }
}
