using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Contract;

/// <summary>Perf rings, forward or overwriting, filled by <c>bpf_perf_event_output</c>.</summary>
internal sealed class PerfRingUnderTest : ProgramUnderTest
{
    private readonly BpfOutput _output;
    private readonly bool _pauses;

    private PerfRingUnderTest(BpfOutput output, int[] cpus, bool pauses)
        : base(output.Program, cpus, hasRingPerCpu: true)
    {
        _output = output;
        _pauses = pauses;
    }

    internal override RingReader Reader => _output.Reader;

    internal override bool LossesAreKnown => true;

    /// <summary>Rings that refuse what does not fit.</summary>
    internal static PerfRingUnderTest Forward(ReadingOptions options, params int[] cpus) =>
        new(
            new BpfOutput(BpfOutput.OnePage with
            {
                Wakeup = options.Wakeup,
                Staging = options.Staging,
                Cpus = CpuSet.Of(cpus),
                Fields = SampleFields.Raw | (options.NamesCpus ? SampleFields.Cpu : SampleFields.None),
            }),
            cpus,
            pauses: false);

    /// <summary>A ring that keeps the newest records, read while paused.</summary>
    internal static PerfRingUnderTest Overwriting(BufferMode mode) =>
        new(new BpfOutput(BpfOutput.OnePage with { BufferMode = mode, Cpus = CpuSet.Of(0) }), [0], pauses: true);

    internal override void BeforeReading()
    {
        base.BeforeReading();
        if (_pauses)
            _output.Reader.Pause();
    }

    internal override void BeforeWriting()
    {
        if (_pauses)
            _output.Reader.Resume();
    }

    public override void Dispose()
    {
        base.Dispose();
        _output.Dispose();
    }
}
