using System.Buffers.Binary;
using PerfRing.Interop;
using PerfRing.Memory;
using PerfRing.Testing;

namespace PerfRing.Load;

/// <summary>Full rings of the kernel, drained in place; and others moved by the staging thread and drained then. In turns.</summary>
internal static class StagingComparison
{
    private const int BufferSize = 16 << 20;
    private const int WarmUp = 3;

    internal static void Run(int slices)
    {
        int cpu = Thread.GetCurrentProcessorId();
        using CpuAffinity pinned = CpuAffinity.Pin(cpu);
        Console.WriteLine(Machine.Description);
        Console.WriteLine($"full rings of {BufferSize >> 20} MiB, written on this CPU; {slices} slices a way, in turns; median ns a record of the thread that drains or moves");
        Console.WriteLine($"{"ring",-6}{"payload",-10}{"in place",10}{"moved",10}{"staged",10}{"moved/place",13}{"staged/place",14}");
        foreach ((string name, Func<int, int> size) in Payloads())
            ComparePerf(name, size, cpu, slices);

        foreach ((string name, Func<int, int> size) in Payloads())
            CompareBpf(name, size, cpu, slices);
    }

    private static IEnumerable<(string Name, Func<int, int> Size)> Payloads()
    {
        yield return ("8", static _ => 8);
        yield return ("64", static _ => 64);
        yield return ("256", static _ => 256);
        yield return ("8 to 135", static i => 8 + (int)((uint)i * 2_654_435_761u >> 16) % 128);
    }

    private static void ComparePerf(string name, Func<int, int> size, int cpu, int slices)
    {
        using BpfTestMap map = BpfTestMap.PerfEventArray();
        using PerfOutputProgram program = new(map);
        RecordOrigin origin = new(cpu, new SampleLayout(SampleFields.Raw));
        using PlainRing place = new(cpu, BufferSize);
        using PlainRing moved = new(cpu, BufferSize);
        using FakeReader direct = new(Wakeup.Immediate, new PerfEventRing(place.Mapping, Environment.SystemPageSize, origin));
        using Moved staged = new(KernelRing.OfPerf(moved.Mapping), origin);
        Compare("perf", name, slices, program, direct, staged, way =>
        {
            (way == 0 ? place : moved).Fill(map);
            Fill(program, size, cpu);
            map.Delete((uint)cpu);
        });
    }

    private static void CompareBpf(string name, Func<int, int> size, int cpu, int slices)
    {
        using BpfTestMap place = BpfTestMap.RingBuffer(BufferSize);
        using BpfTestMap moved = BpfTestMap.RingBuffer(BufferSize);
        using RingOutputProgram intoPlace = new(place);
        using RingOutputProgram intoMoved = new(moved);
        RecordOrigin origin = new(-1, 0);
        using FakeReader direct = new(Wakeup.Immediate, BpfRing.Open(place.Descriptor, BufferSize, origin));
        using Moved staged = new(BpfRing.OpenStaged(moved.Descriptor, BufferSize), origin);
        Compare("BPF", name, slices, intoPlace, direct, staged, way => Fill(way == 0 ? intoPlace : intoMoved, size, cpu));
    }

    private static void Compare(
        string ring, string name, int slices, BpfOutputProgram program, RingReader direct, Moved staged, Action<int> fill)
    {
        List<double>[] times = [[], [], []];
        for (int slice = -WarmUp; slice < slices; slice++)
        {
            fill(0);
            (long records, long ticks) = Drain(direct);
            fill(1);
            long move = staged.Move();
            (long stagedRecords, long stagedTicks) = Drain(staged.Reader);
            if (records == 0 || stagedRecords == 0)
                throw new InvalidOperationException("Nothing was read: the comparison is void.");

            if (slice < 0)
                continue;

            times[0].Add((double)ticks / records);
            times[1].Add((double)move / stagedRecords);
            times[2].Add((double)stagedTicks / stagedRecords);
        }

        double[] median = [.. times.Select(static t => t.Order().ElementAt(t.Count / 2))];
        Console.WriteLine(FormattableString.Invariant(
            $"{ring,-6}{name,-10}{median[0],10:0.00}{median[1],10:0.00}{median[2],10:0.00}{median[1] / median[0],13:0.00}{median[2] / median[0],14:0.00}"));
    }

    private static void Fill(BpfOutputProgram program, Func<int, int> size, int cpu)
    {
        long refused = program.Counts(cpu).Refused;
        for (int i = 0; program.Counts(cpu).Refused == refused; i++)
        {
            int bytes = size(i);
            program.Emit(cpu, bytes, bytes == size(i + 1) && bytes == size(i + 2) ? BpfOutputProgram.RunMaximum : 1);
        }
    }

    private static (long Records, long Ticks) Drain(RingReader reader)
    {
        Summing handler = default;
        long start = ThreadTime.Current();
        reader.Drain(ref handler);
        return (handler.Records, ThreadTime.Current() - start);
    }

    private struct Summing : IRecordHandler
    {
        internal long Records;
        internal ulong Sum;

        public bool Handle(Record record)
        {
            if (record.Kind == RecordKind.Sample)
            {
                Sum += BinaryPrimitives.ReadUInt64LittleEndian(record.Payload);
                Records++;
            }

            return true;
        }
    }

    /// <summary>A staging ring, and the thread that fills it when it is told to.</summary>
    private sealed class Moved : IDisposable
    {
        private readonly Descriptor _signal;
        private readonly StagingThread _thread;
        private readonly int _threadId;
        private readonly Ring _ring;

        internal Moved(KernelRing kernel, RecordOrigin origin)
        {
            Errno.ThrowIfFailed(Shim.EventFd(out int fd), "eventfd", "a signal");
            _signal = new Descriptor(fd);
            Mapping mapping;
            RingMemory memory;
            _ring = kernel.Kind == Abi.StageKind.Perf
                ? PerfEventRing.Stage(kernel, BufferSize, origin, out mapping, out memory)
                : StagedBpfRing.Create(kernel, BufferSize, origin, out mapping, out memory);
            Reader = new FakeReader(Wakeup.Immediate, _ring);
            _thread = StagingThread.Start(
                [kernel.StagedTo(memory, _signal.Number)], [], CpuSet.Of(MachineCpus.Online()).Words, -1,
                [mapping, .. kernel.Mappings, _signal]);
            _threadId = ThreadTime.Named("perfring-stage").Single();
        }

        internal FakeReader Reader { get; }

        /// <summary>What it costs the thread to move everything.</summary>
        internal long Move()
        {
            long start = ThreadTime.Of(_threadId);
            _thread.Kick();
            while (_ring.LoadReadable() != _ring.LoadProducer())
                Thread.Sleep(1);

            return ThreadTime.Of(_threadId) - start;
        }

        public void Dispose()
        {
            _thread.Dispose();
            Reader.Dispose();
            _signal.Dispose();
        }
    }
}
