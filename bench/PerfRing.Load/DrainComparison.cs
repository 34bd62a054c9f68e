using System.Buffers.Binary;
using System.Diagnostics;
using PerfRing.Testing;

namespace PerfRing.Load;

/// <summary>Drains full rings in three ways, in turns.</summary>
internal static class DrainComparison
{
    private const int BufferSize = 1 << 20;
    private const int WarmUp = 5;

    internal static void Run(int slices)
    {
        int cpu = Thread.GetCurrentProcessorId();
        using CpuAffinity pinned = CpuAffinity.Pin(cpu);
        Console.WriteLine(Machine.Description);
        Console.WriteLine($"full rings of {BufferSize >> 20} MiB, written on this CPU; {slices} slices a way, in turns; median ns a record");
        Console.WriteLine($"{"payload",-10}{"C loop",10}{"foreach",10}{"Drain",10}{"foreach/C",12}{"Drain/C",10}");
        foreach ((string name, Func<int, int> size) in Payloads())
            Compare(name, size, cpu, slices);
    }

    private static IEnumerable<(string Name, Func<int, int> Size)> Payloads()
    {
        yield return ("8", _ => 8);
        yield return ("64", _ => 64);
        yield return ("256", _ => 256);
        yield return ("1 in 16", i => i % 16 == 7 ? 40 : 64);
        yield return ("8 to 135", i => 8 + (int)((uint)i * 2_654_435_761u >> 16) % 128);
    }

    private static void Compare(string name, Func<int, int> size, int cpu, int slices)
    {
        using BpfTestMap map = BpfTestMap.PerfEventArray();
        using PerfOutputProgram program = new(map);
        using BpfMap opened = BpfMap.FromDescriptor(map.Descriptor);
        using PerfEventReader reader = PerfEventReader.Open(PerfEventSource.BpfOutput(opened), new PerfEventReaderOptions
        {
            BufferSize = BufferSize,
            Cpus = CpuSet.Of(cpu),
            Fields = SampleFields.Raw,
            Wakeup = Wakeup.Polled,
            PauseMethod = PauseMethod.MapSlots,
        });
        reader.Pause();
        using PlainRing plain = new(cpu);
        List<double>[] times = [[], [], []];
        for (int slice = -WarmUp; slice < slices; slice++)
        {
            for (int way = 0; way < times.Length; way++)
            {
                // Both kinds of ring are filled by the same program on this CPU, through the slot that is theirs for now.
                if (way == 0)
                    plain.Fill(map);
                else
                    reader.Resume();

                Fill(program, size, cpu);
                (ulong records, ulong sum, long ticks) = way switch
                {
                    0 => plain.Drain(),
                    1 => ByForeach(reader),
                    _ => ByDrain(reader),
                };
                if (records == 0 || sum == 0)
                    throw new InvalidOperationException("Nothing was read: the comparison is void.");

                if (way == 0)
                    map.Delete((uint)cpu);
                else
                    reader.Pause();

                if (slice >= 0)
                    times[way].Add((double)ticks / records);
            }
        }

        double[] median = [.. times.Select(t => t.Order().ElementAt(t.Count / 2))];
        Console.WriteLine(FormattableString.Invariant(
            $"{name,-10}{median[0],10:0.00}{median[1],10:0.00}{median[2],10:0.00}{median[1] / median[0],12:0.00}{median[2] / median[0],10:0.00}"));
    }

    private static void Fill(PerfOutputProgram program, Func<int, int> size, int cpu)
    {
        long refused = program.Counts(cpu).Refused;
        for (int i = 0; program.Counts(cpu).Refused == refused; i++)
        {
            int bytes = size(i);
            program.Emit(cpu, bytes, bytes == size(i + 1) && bytes == size(i + 2) ? PerfOutputProgram.RunMaximum : 1);
        }
    }

    private static (ulong Records, ulong Sum, long Ticks) ByForeach(PerfEventReader reader)
    {
        ulong records = 0;
        ulong sum = 0;
        long start = Stopwatch.GetTimestamp();
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
        {
            foreach (Record record in batch)
            {
                if (record.Kind == RecordKind.Sample)
                {
                    sum += BinaryPrimitives.ReadUInt64LittleEndian(record.Payload);
                    records++;
                }
            }
        }

        return (records, sum, Stopwatch.GetTimestamp() - start);
    }

    private static (ulong Records, ulong Sum, long Ticks) ByDrain(PerfEventReader reader)
    {
        Summing handler = default;
        long start = Stopwatch.GetTimestamp();
        reader.Drain(ref handler);
        return (handler.Records, handler.Sum, Stopwatch.GetTimestamp() - start);
    }

    private struct Summing : IRecordHandler
    {
        internal ulong Records;
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
}
