using PerfRing.Testing;

namespace PerfRing.KernelTests.Contract;

/// <summary>The staging ring of the perf ring of one CPU.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf | Needs.PerfEvents)]
public sealed class StagedPerfRingContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) =>
        PerfRingUnderTest.Forward(options with { Staging = Staged.OnePage }, MachineCpus.Online()[0]);
}

/// <summary>The staging rings of the perf rings of all CPUs.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf | Needs.PerfEvents)]
public sealed class StagedPerfRingPerCpuContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) =>
        PerfRingUnderTest.Forward(options with { Staging = Staged.OnePage }, MachineCpus.Online());
}

/// <summary>The staging ring of a BPF ring buffer.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf)]
public sealed class StagedBpfRingContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) =>
        BpfRingUnderTest.Single(options with { Staging = Staged.OnePage });
}

/// <summary>The staging rings of the BPF ring buffers of all CPUs.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf)]
public sealed class StagedBpfRingPerCpuContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) =>
        BpfRingUnderTest.PerCpu(options with { Staging = Staged.OnePage });
}

/// <summary>The lane of the staging ring of a perf ring.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf | Needs.PerfEvents)]
public sealed class StagedPerfRingLaneContractTests : RingContractTests
{
    internal override RingUnderTest Open(ReadingOptions options) => new LaneUnderTest(
        PerfRingUnderTest.Forward(options with { Staging = Staged.OnePage }, MachineCpus.Online()[0]));
}

/// <summary>A pipe over the staging rings of the perf rings of all CPUs.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf | Needs.PerfEvents)]
public sealed class StagedPerfPipeContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() => new RingPipeUnderTest(
        PerfRingUnderTest.Forward(new() { NamesCpus = true, Staging = Staged.OnePage }, MachineCpus.Online()));
}

/// <summary>A pipe over the staging ring of a BPF ring buffer.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf)]
public sealed class StagedBpfPipeContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() =>
        new RingPipeUnderTest(BpfRingUnderTest.Single(new() { Staging = Staged.OnePage }));
}

/// <summary>How the suites stage.</summary>
internal static class Staged
{
    /// <summary>Staging rings as large as the kernel's.</summary>
    internal static StagingOptions OnePage { get; } = new() { Capacity = Environment.SystemPageSize };
}
