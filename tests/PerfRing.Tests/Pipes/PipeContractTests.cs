using PerfRing.Testing;
using PerfRing.Tests.Contract;

namespace PerfRing.Tests.Pipes;

/// <summary>The control.</summary>
public sealed class ControlPipeContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() => new ControlPipe();
}

/// <summary>The scripted perf ring, whose records wrap at any place.</summary>
public sealed class FakePerfPipeContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() =>
        new RingPipeUnderTest(new FakeRingUnderTest(new(), start: (ulong)Environment.SystemPageSize - 80));
}

/// <summary>The scripted BPF ring buffer.</summary>
public sealed class FakeFramedPipeContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() => new RingPipeUnderTest(new FramedRingUnderTest());
}

/// <summary>A shared ring with one producer.</summary>
public sealed class SharedPipeOfOneContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() => new RingPipeUnderTest(new SharedRingUnderTest(SharedRingProducers.One, new()));
}

/// <summary>A shared ring with many producers.</summary>
public sealed class SharedPipeOfManyContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() => new RingPipeUnderTest(new SharedRingUnderTest(SharedRingProducers.Many, new()));
}

/// <summary>A pipe over a lane: one ring of a reader.</summary>
public sealed class LanePipeContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() => new RingPipeUnderTest(new LaneUnderTest(new FakeRingUnderTest(new())));
}

/// <summary>The payloads of the scripted perf ring, each of which may wrap.</summary>
public sealed class FakePerfPayloadContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() =>
        new PayloadPipeUnderTest(new FakeRingUnderTest(new(), start: (ulong)Environment.SystemPageSize - 64), padding: 4);
}

/// <summary>The payloads of the scripted BPF ring buffer.</summary>
public sealed class FakeFramedPayloadContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() => new PayloadPipeUnderTest(new FramedRingUnderTest());
}

/// <summary>The payloads of a shared ring with one producer.</summary>
public sealed class SharedPayloadOfOneContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() => new PayloadPipeUnderTest(new SharedRingUnderTest(SharedRingProducers.One, new()));
}

/// <summary>The payloads of a shared ring with many producers.</summary>
public sealed class SharedPayloadOfManyContractTests : PipeReaderContractTests
{
    internal override PipeUnderTest Open() => new PayloadPipeUnderTest(new SharedRingUnderTest(SharedRingProducers.Many, new()));
}
