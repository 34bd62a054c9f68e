using PerfRing.Abi;
using PerfRing.Interop;

namespace PerfRing;

internal abstract partial class ConsumerThread
{
    /// <summary>Pins the thread, from inside of it.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    private void Place()
    {
        if (_plan.Cpus is not { } cpus)
        {
            // Whoever starts the consumer may be pinned, and the thread has inherited that.
            CpuSet process = ProcessCpus.Read();
            Errno.ThrowIfFailed(
                ProcessCpus.GiveToCallingThread(process), "sched_setaffinity", $"giving thread {_plan.Name} the CPUs of the process, {process}");
            return;
        }

        int result = Affinity.Set(cpus.Words);

        // Gone since the plan was made: the thread waits for its CPU elsewhere, as it would if it went now.
        if (result == -Errno.EINVAL && cpus.Intersect(_options.Topology.Online).Count == 0)
            return;

        Errno.ThrowIfFailed(
            result,
            "sched_setaffinity",
            $"thread {_plan.Name} on CPU {cpus}, and this process may use {CpuAffinity.Current}: the others are kept from it by the "
            + "cpuset of its cgroup (cpuset.cpus.effective), or offline. Choose CPUs that it may use with ThreadPlacement.On, or "
            + "ThreadPlacement.Unpinned");
    }

    /// <summary>Takes the place again: the kernel moves a thread away from a CPU that goes offline, and does not bring it back. A
    /// refusal changes nothing: the CPU may be gone again.</summary>
    private void TryPlaceAgain()
    {
        if (_plan.Cpus is { } cpus)
            _ = Affinity.Set(cpus.Words);
    }

    /// <exception cref="SystemCallException">The kernel refused.</exception>
    private void Schedule()
    {
        ThreadScheduling scheduling = _options.Scheduling;
        if (scheduling.Kind == ThreadSchedulingKind.Normal)
            return;

        SchedAttr attr = new()
        {
            Size = SchedAttr.Length,

            // What the thread might start, against its rules, does not run before everything else.
            Flags = SchedAttr.FlagResetOnFork,
        };
        if (scheduling.Kind == ThreadSchedulingKind.Fifo)
        {
            attr.Policy = SchedAttr.PolicyFifo;
            attr.Priority = (uint)scheduling.Priority;
        }
        else
        {
            attr.Policy = SchedAttr.PolicyDeadline;
            attr.Runtime = (ulong)PerfRing.Deadline.Nanoseconds(scheduling.Runtime);
            attr.Deadline = (ulong)PerfRing.Deadline.Nanoseconds(scheduling.RelativeDeadline);
            attr.Period = (ulong)PerfRing.Deadline.Nanoseconds(scheduling.Period);
        }

        int result = Shim.SchedSetAttr(0, attr);
        Errno.ThrowIfFailed(result, "sched_setattr", $"{scheduling} for thread {_plan.Name}: {Remedy(-result, scheduling)}");
    }

    private static string Remedy(int errno, ThreadScheduling scheduling) => (errno, scheduling.Kind) switch
    {
        (Errno.EPERM, ThreadSchedulingKind.Fifo) =>
            $"needs CAP_SYS_NICE, or RLIMIT_RTPRIO of at least {scheduling.Priority} (ulimit -r, LimitRTPRIO= of the service). With both, "
            + "the cgroup has no real-time bandwidth (CONFIG_RT_GROUP_SCHED: cpu.rt_runtime_us is 0), or real-time is switched off "
            + "altogether (kernel.sched_rt_runtime_us is 0)",
        (Errno.EPERM, _) =>
            "needs CAP_SYS_NICE; with it, the thread inherited an affinity that leaves out CPUs of its root domain (taskset, cpuset), "
            + "which the kernel does not allow together with SCHED_DEADLINE",
        (Errno.EBUSY, _) =>
            "the CPUs have not that much bandwidth left: what SCHED_DEADLINE threads may be promised together is "
            + "kernel.sched_rt_runtime_us of each kernel.sched_rt_period_us. Ask for less runtime, or a longer period",
        (Errno.EINVAL, ThreadSchedulingKind.Deadline) =>
            "the kernel wants 1,024 ns <= runtime <= deadline <= period, and the period between "
            + "kernel.sched_deadline_period_min_us and kernel.sched_deadline_period_max_us",
        _ => "the kernel or a seccomp filter does not know the call, or the policy",
    };
}
