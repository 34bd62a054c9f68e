using System.Diagnostics;
using System.Runtime.InteropServices;
using PerfRing.Testing;

namespace PerfRing.Load;

/// <summary>A reader, and what writes one record with the time of its writing into its ring.</summary>
internal abstract class StampedSource : IDisposable
{
    /// <summary>The reader.</summary>
    internal abstract RingReader Reader { get; }

    /// <summary>Where a payload has its time; null where records have their own.</summary>
    internal virtual int? StampOffset => null;

    internal static StampedSource Open(WakeupKindOfRing kind, int cpu, Wakeup wakeup) => kind switch
    {
        WakeupKindOfRing.Perf => new Perf(cpu, wakeup),
        WakeupKindOfRing.Bpf => new Bpf(cpu, wakeup),
        _ => new Shared(wakeup),
    };

    /// <summary>Writes one record, on the CPU of the source, where this is called.</summary>
    internal abstract void Write();

    /// <summary>Does what a write does, but for the record.</summary>
    internal virtual void Touch() => Thread.SpinWait(10);

    public abstract void Dispose();

    private sealed class Perf : StampedSource
    {
        private readonly BpfTestMap _map = BpfTestMap.PerfEventArray();
        private readonly PerfOutputProgram _program;
        private readonly PerfEventReader _reader;
        private readonly int _cpu;

        internal Perf(int cpu, Wakeup wakeup)
        {
            _cpu = cpu;
            _program = new PerfOutputProgram(_map);
            using BpfMap map = BpfMap.FromDescriptor(_map.Descriptor);
            _reader = PerfEventReader.Open(PerfEventSource.BpfOutput(map), new PerfEventReaderOptions
            {
                Cpus = CpuSet.Of(cpu),
                Fields = SampleFields.Time | SampleFields.Raw,
                Wakeup = wakeup,
            });
        }

        internal override RingReader Reader => _reader;

        internal override void Write() => _program.Emit(_cpu, 16);

        internal override void Touch() => _program.Touch(_cpu);

        public override void Dispose()
        {
            _reader.Dispose();
            _program.Dispose();
            _map.Dispose();
        }
    }

    private sealed class Bpf : StampedSource
    {
        private readonly BpfTestMap _ring = BpfTestMap.RingBuffer(1 << 20);
        private readonly RingOutputProgram _program;
        private readonly BpfRingReader _reader;
        private readonly int _cpu;

        internal Bpf(int cpu, Wakeup wakeup)
        {
            _cpu = cpu;
            _program = new RingOutputProgram(_ring, stamps: true);
            using BpfMap map = BpfMap.FromDescriptor(_ring.Descriptor);
            _reader = BpfRingReader.Open(map, new BpfRingReaderOptions { Wakeup = wakeup });
        }

        internal override RingReader Reader => _reader;

        internal override int? StampOffset => RingOutputProgram.StampOffset;

        internal override void Write() => _program.Emit(_cpu, 16);

        internal override void Touch() => _program.Touch(_cpu);

        public override void Dispose()
        {
            _reader.Dispose();
            _program.Dispose();
            _ring.Dispose();
        }
    }

    private sealed class Shared : StampedSource
    {
        private readonly SharedRing _ring = SharedRing.CreateAnonymous(new SharedRingOptions());
        private readonly SharedRingWriter _writer;
        private readonly SharedRingReader _reader;

        internal Shared(Wakeup wakeup)
        {
            _writer = _ring.OpenWriter();
            _reader = SharedRingReader.Open(_ring, new SharedRingReaderOptions { Wakeup = wakeup });
        }

        internal override RingReader Reader => _reader;

        internal override int? StampOffset => 0;

        internal override void Write()
        {
            long now = Stopwatch.GetTimestamp();
            if (!_writer.TryWrite(MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in now))))
                throw new InvalidOperationException("The ring is full: nobody reads it.");
        }

        public override void Dispose()
        {
            _reader.Dispose();
            _writer.Dispose();
            _ring.Dispose();
        }
    }
}
