using PerfRing.Testing;

namespace PerfRing.KernelTests.Contract;

/// <summary>A pipe over the perf ring of one CPU.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf | Needs.PerfEvents)]
public sealed class PerfPipeContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() =>
        new RingPipeUnderTest(PerfRingUnderTest.Forward(new(), MachineCpus.Online()[0]));
}

/// <summary>A pipe over the perf rings of all CPUs.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf | Needs.PerfEvents)]
public sealed class PerfPerCpuPipeContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() =>
        new RingPipeUnderTest(PerfRingUnderTest.Forward(new() { NamesCpus = true }, MachineCpus.Online()));
}

/// <summary>A pipe over a BPF ring buffer.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf)]
public sealed class BpfPipeContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() => new RingPipeUnderTest(BpfRingUnderTest.Single(new()));
}

/// <summary>A pipe over the BPF ring buffers of all CPUs.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf)]
public sealed class BpfPerCpuPipeContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() => new RingPipeUnderTest(BpfRingUnderTest.PerCpu(new()));
}

/// <summary>A pipe over a lane: one ring of a perf reader.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf | Needs.PerfEvents)]
public sealed class PerfLanePipeContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() =>
        new RingPipeUnderTest(new LaneUnderTest(PerfRingUnderTest.Forward(new(), MachineCpus.Online()[0])));
}

/// <summary>The payloads of a perf ring, which pads them.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf | Needs.PerfEvents)]
public sealed class PerfPayloadContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() =>
        new PayloadPipeUnderTest(PerfRingUnderTest.Forward(new(), MachineCpus.Online()[0]), padding: 4);
}

/// <summary>The payloads of a BPF ring buffer.</summary>
[Collection(Machine.Name)]
[Needs(Needs.Bpf)]
public sealed class BpfPayloadContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() => new PayloadPipeUnderTest(BpfRingUnderTest.Single(new()));
}
