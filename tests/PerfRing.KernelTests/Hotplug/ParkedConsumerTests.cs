using PerfRing.KernelTests.Consumers;
using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Hotplug;

/// <summary>A pinned thread whose CPU goes away: it waits elsewhere, asleep, and takes its place again.</summary>
[Collection(Machine.Name)]
public sealed class ParkedConsumerTests
{
    private const int Rounds = 5;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    public static TheoryData<WaitPolicy> Policies => new(WaitPolicy.Block, WaitPolicy.BusySpin);

    [KernelTheory(Needs.Bpf | Needs.PerfEvents | Needs.Hotplug)]
    [MemberData(nameof(Policies))]
    public async Task A_consumer_s_thread_is_parked_and_resumed_with_its_cpu(WaitPolicy policy)
    {
        using CpuSwitch cpu = new();
        using BpfOutput output = new(BpfOutput.OnePage with { Wakeup = Wakeup.Immediate, Cpus = CpuSet.Of(cpu.Cpu) });
        Places places = new();
        await using PerCoreConsumer consumer = PerCoreConsumer.Start(
            output.Reader, _ => new Places.Handler(places), new PerCoreConsumerOptions { Wait = policy });
        RingLane lane = Assert.Single(output.Reader.Lanes!);
        output.Program.Emit(cpu.Cpu, 8);
        Wait.Until(() => places.Records == 1, "the first record", Soon);
        for (int round = 1; round <= Rounds; round++)
        {
            cpu.Off();
            Wait.Until(() => lane.IsCpuAway(0), "the outage to be noticed", Soon);

            // Whatever it does otherwise: it is not there to spin on a CPU that is not its own.
            Wait.Until(() => IsAsleep(places.Thread), "the thread to be parked", Soon);
            cpu.On();
            Wait.Until(() => !lane.IsCpuAway(0), "the events to be open again", Soon);
            int before = places.Records;
            Wait.Until(() => places.Outages == round, "the notice", Soon);
            output.Program.Emit(cpu.Cpu, 8);
            Wait.Until(() => places.Records > before, "a record after the return", Soon, () => $"{places.Records}");
            Assert.Equal(CpuSet.Of(cpu.Cpu), places.Cpus);
        }

        Assert.Equal(Rounds, output.Reader.ReadLosses().Cpus.Single().OutageCount);
    }

    private static bool IsAsleep(int thread)
    {
        string stat = File.ReadAllText($"/proc/self/task/{thread}/stat");
        return stat[stat.LastIndexOf(')') + 2] == 'S';
    }

    /// <summary>Where the handler is called.</summary>
    private sealed class Places
    {
        private int _records;
        private int _outages;

        internal int Records => Volatile.Read(ref _records);

        internal int Outages => Volatile.Read(ref _outages);

        internal int Thread { get; private set; }

        internal CpuSet Cpus { get; private set; } = CpuSet.Empty;

        internal readonly struct Handler(Places places) : IRecordHandler
        {
            public bool Handle(Record record)
            {
                if (record.Kind == RecordKind.Outage)
                {
                    Volatile.Write(ref places._outages, places._outages + 1);
                    return true;
                }

                ConsumingThread thread = ConsumingThread.Current();
                places.Thread = thread.Id;
                places.Cpus = thread.Cpus;
                Volatile.Write(ref places._records, places._records + 1);
                return true;
            }
        }
    }
}
