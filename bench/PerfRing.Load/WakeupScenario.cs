namespace PerfRing.Load;

/// <summary>One combination of ring, wait policy and placement.</summary>
/// <param name="Kind">The kind of ring.</param>
/// <param name="Policy">How the consumer waits.</param>
/// <param name="IsSameCore">Whether the consumer runs on the CPU that writes.</param>
internal sealed record WakeupScenario(WakeupKindOfRing Kind, WaitPolicy Policy, bool IsSameCore)
{
    internal string Name => $"{KindName}, {Policy}, {(IsSameCore ? "same core" : "cross core")}";

    internal string KindName => Kind switch
    {
        WakeupKindOfRing.Perf => "perf ring",
        WakeupKindOfRing.Bpf => "BPF ring buffer",
        _ => "shared ring",
    };

    /// <summary>A spin on the core that writes waits for the end of its own time slice: that measures the scheduler.</summary>
    internal bool IsMeaningful => !(IsSameCore && Policy.Kind is WaitPolicyKind.BusySpin or WaitPolicyKind.SpinThenBlock && IsSameCore);

    internal static IEnumerable<WakeupScenario> All() =>
        from kind in Enum.GetValues<WakeupKindOfRing>()
        from policy in Policies
        from isSameCore in (bool[])[true, false]
        let scenario = new WakeupScenario(kind, policy, isSameCore)
        where scenario.IsMeaningful
        select scenario;

    private static WaitPolicy[] Policies { get; } =
    [
        WaitPolicy.Block,
        WaitPolicy.SpinThenBlock(TimeSpan.FromMicroseconds(500)),
        WaitPolicy.BusySpin,
        WaitPolicy.Timer(TimeSpan.FromMilliseconds(1)),
    ];
}

/// <summary>The rings whose wakeups are measured.</summary>
internal enum WakeupKindOfRing
{
    /// <summary>Of perf events, one on the CPU that writes.</summary>
    Perf,

    /// <summary>A BPF ring buffer, written with flags 0.</summary>
    Bpf,

    /// <summary>In shared memory.</summary>
    Shared,
}
