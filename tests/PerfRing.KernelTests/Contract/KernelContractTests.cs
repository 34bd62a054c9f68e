using PerfRing.Testing;

namespace PerfRing.KernelTests.Contract;

/// <summary>The perf ring of one CPU.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf | Needs.PerfEvents)]
public sealed class PerfRingContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) => PerfRingUnderTest.Forward(options, MachineCpus.Online()[0]);
}

/// <summary>The perf rings of all CPUs.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf | Needs.PerfEvents)]
public sealed class PerfRingPerCpuContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) => PerfRingUnderTest.Forward(options, MachineCpus.Online());
}

/// <summary>A perf ring that keeps the newest records, oldest first.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf | Needs.PerfEvents)]
public sealed class OverwritingPerfRingContractTests : ReadingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) => PerfRingUnderTest.Overwriting(BufferMode.OverwriteOldestFirst);
}

/// <summary>A BPF ring buffer.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf)]
public sealed class BpfRingContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) => BpfRingUnderTest.Single(options);
}

/// <summary>A BPF ring buffer for each CPU.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf)]
public sealed class BpfRingPerCpuContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) => BpfRingUnderTest.PerCpu(options);
}

/// <summary>The lane of a perf ring.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf | Needs.PerfEvents)]
public sealed class PerfRingLaneContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) =>
        new LaneUnderTest(PerfRingUnderTest.Forward(options, MachineCpus.Online()[0]));
}

/// <summary>The lane of a BPF ring buffer.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf)]
public sealed class BpfRingLaneContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) => new LaneUnderTest(BpfRingUnderTest.Single(options));
}
