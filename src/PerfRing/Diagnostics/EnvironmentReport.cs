using System.Collections;
using PerfRing.Interop;

namespace PerfRing;

/// <summary>What this machine and this process's rights allow readers, and what stands in their way: a list of checks,
/// always the same ones in the same order.</summary>
/// <remarks>A snapshot, immutable. Features of the kernel are found by trying them; whatever is opened for that is closed
/// again, and nothing is mounted or changed.</remarks>
public sealed class EnvironmentReport : IReadOnlyList<EnvironmentCheck>
{
    private readonly EnvironmentCheck[] _checks;

    private EnvironmentReport(EnvironmentCheck[] checks) => _checks = checks;

    /// <summary>Whether something stops a reader of some kind: any check has failed.</summary>
    public bool HasFailures => _checks.Any(check => check.Status == CheckStatus.Failed);

    /// <summary>Whether software and hardware events of whole CPUs can be read, whatever runs there.</summary>
    public bool CanReadWholeCpus => HasPassed(PerfEventChecks.WholeCpuName) && HasResources;

    /// <summary>Whether events of this process can be read, in user space at least.</summary>
    public bool CanReadOwnProcess => HasPassed(PerfEventChecks.OwnProcessName) && HasResources;

    /// <summary>Whether tracepoints of whole CPUs can be looked up and read.</summary>
    public bool CanReadTracepoints =>
        HasPassed(FileSystemChecks.TracingName) && HasPassed(PerfEventChecks.TracepointName) && HasResources;

    /// <summary>Whether BPF output through a perf event array can be read.</summary>
    public bool CanReadBpfOutput => HasPassed(BpfMapChecks.PerfEventArrayName) && CanReadWholeCpus;

    /// <summary>Whether BPF ring buffers can be made and read.</summary>
    public bool CanReadBpfRings => HasPassed(BpfMapChecks.RingBufferName);

    /// <inheritdoc/>
    public int Count => _checks.Length;

    /// <inheritdoc/>
    public EnvironmentCheck this[int index] => _checks[index];

    // Both are shared by all events, and not tried by the probes: those open one event and map no ring.
    private bool HasResources => !HasFailed(RingMemoryCheck.Name) && !HasFailed(OpenFilesCheck.Name);

    /// <summary>Checks everything, for rings of the default size.</summary>
    /// <exception cref="PlatformNotSupportedException">The system is not Linux, or the native shim can't be loaded.</exception>
    public static EnvironmentReport Create() => Create(PerfEventRing.DefaultSize);

    /// <summary>Checks everything.</summary>
    /// <param name="bufferSize">Bytes for records in each CPU's ring, a power of two of pages: the memory that may be
    /// locked is held against it.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bufferSize"/> is less than 1.</exception>
    /// <exception cref="PlatformNotSupportedException">The system is not Linux, or the native shim can't be loaded.</exception>
    public static EnvironmentReport Create(int bufferSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bufferSize, 1);
        ShimLibrary.Require();
        KernelFiles files = new(KernelFiles.SystemRoot);
        return Judge(files, KernelAnswers.Ask(files, FindOnline(files)?.First ?? 0), bufferSize, Environment.SystemPageSize);
    }

    /// <summary>The checks that follow from what was read and what the kernel answered.</summary>
    internal static EnvironmentReport Judge(KernelFiles files, KernelAnswers answers, int bufferSize, int pageSize)
    {
        ProcessRights? rights = ProcessRights.Read(files);
        long? paranoid = files.ReadNumber(KernelFiles.Paranoid);
        string? limits = files.Read(KernelFiles.Limits);
        int? online = FindOnline(files)?.Count;
        return new EnvironmentReport(
        [
            CapabilityChecks.Perfmon(rights, paranoid),
            CapabilityChecks.Bpf(rights),
            CapabilityChecks.IpcLock(rights),
            ParanoidCheck.Judge(paranoid, rights),
            RingMemoryCheck.Judge(
                bufferSize, pageSize, online, files.ReadNumber(KernelFiles.LockedPerCpu),
                ResourceLimit.Find(limits, ResourceLimit.LockedMemory), paranoid, rights),
            OpenFilesCheck.Judge(
                online, ResourceLimit.Find(limits, ResourceLimit.OpenFiles), files.CountEntries(KernelFiles.OpenDescriptors)),
            CpuCheck.Judge(new SystemCpuTopology(files.PathOf(KernelFiles.Cpus))),
            FileSystemChecks.Tracing(files),
            FileSystemChecks.Bpf(files),
            PerfEventChecks.WholeCpu(answers.WholeCpu, rights),
            PerfEventChecks.OwnProcess(answers.OwnProcess, rights),
            PerfEventChecks.Tracepoint(answers.Tracepoint, rights),
            PerfEventChecks.LostCounts(answers.LostCounts),
            BpfMapChecks.PerfEventArray(answers.PerfEventArray, rights),
            BpfMapChecks.RingBuffer(answers.RingBuffer, rights),
            BpfMapChecks.UserRingBuffer(answers.UserRingBuffer),
            BpfMapChecks.OverwritingRing(answers.OverwritingRing),
            SystemCallChecks.EpollPwait2(answers.EpollPwait2),
            SystemCallChecks.MemoryBarrier(answers.Membarrier, answers.MembarrierCommands),
            ClockSourceCheck.Judge(files.Read(KernelFiles.ClockSource), files.Read(KernelFiles.ClockSources)),
        ]);
    }

    /// <inheritdoc/>
    public IEnumerator<EnvironmentCheck> GetEnumerator() => ((IEnumerable<EnvironmentCheck>)_checks).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static CpuSet? FindOnline(KernelFiles files) =>
        CpuSet.TryParse(files.Read(KernelFiles.Cpus + "/online"), out CpuSet? online) && online.Count > 0 ? online : null;

    private bool HasPassed(string name) => StatusOf(name) == CheckStatus.Passed;

    private bool HasFailed(string name) => StatusOf(name) == CheckStatus.Failed;

    private CheckStatus StatusOf(string name) => _checks.Single(check => check.Name == name).Status;
}
