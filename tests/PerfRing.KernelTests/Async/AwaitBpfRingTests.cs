using PerfRing.Testing;

namespace PerfRing.KernelTests.Async;

/// <summary>What is particular to BPF ring buffers when they are awaited.</summary>
[Collection(Machine.Name)]
public sealed class AwaitBpfRingTests
{
    private const int Small = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [KernelFact(Needs.Bpf)]
    public async Task No_wakeup_is_lost_between_the_last_look_and_the_sleep()
    {
        const int rounds = 5_000;
        using Readers.BpfRing ring = new(Readers.BpfRing.Never);
        int cpu = MachineCpus.Online()[^1];
        for (int i = 0; i < rounds; i++)
        {
            Task<bool> wait = ring.Reader.WaitAsync().AsTask();
            Thread.SpinWait(i % 200);
            ring.Program.Emit(cpu, Small, 1, flags: 0);
            Assert.True(await wait.WaitAsync(Patience), $"round {i}");
            Assert.Equal(1, Count(ring.Reader));
        }
    }

    [KernelFact(Needs.Bpf)]
    public async Task Records_sent_without_a_wakeup_arrive_within_the_delay()
    {
        using Readers.BpfRing ring = new(new BpfRingReaderOptions { Wakeup = Wakeup.Immediate.Within(TimeSpan.FromMilliseconds(2)) });
        for (int i = 0; i < 100; i++)
        {
            Task<bool> wait = ring.Reader.WaitAsync().AsTask();
            ring.Program.Emit(0, Small, 1, RingOutputProgram.NoWakeup);
            Assert.True(await wait.WaitAsync(Patience));
            Assert.Equal(1, Count(ring.Reader));
        }
    }

    [KernelFact(Needs.Bpf)]
    public async Task Without_a_delay_a_record_without_a_wakeup_wakes_nobody_and_a_forced_one_does()
    {
        using Readers.BpfRing ring = new(Readers.BpfRing.Never);
        Task<bool> wait = ring.Reader.WaitAsync().AsTask();
        ring.Program.Emit(0, Small, 3, RingOutputProgram.NoWakeup);

        // Something that must not happen can't be waited for.
        await Task.WhenAny(wait, Task.Delay(TimeSpan.FromMilliseconds(100)));
        Assert.False(wait.IsCompleted);
        ring.Program.Emit(0, Small, 1, RingOutputProgram.ForceWakeup);
        Assert.True(await wait.WaitAsync(Patience));
        Assert.Equal(4, Count(ring.Reader));
    }

    [KernelFact(Needs.Bpf | Needs.TwoCpus)]
    public async Task A_record_that_a_program_holds_back_is_waited_for()
    {
        int other = MachineCpus.Online()[1];
        using Readers.BpfRing ring = new(Readers.BpfRing.Never);
        for (int i = 0; i < 100; i++)
        {
            Task holding = Task.Run(() => ring.Reserve.Submit(other, 1, RingReserveProgram.LongestHold));
            int seen = 0;
            while (seen < 1)
            {
                Assert.True(await ring.Reader.WaitAsync().AsTask().WaitAsync(Patience));
                seen += Count(ring.Reader);
            }

            await holding;
            Assert.Equal(1, seen);
        }
    }

    [KernelFact(Needs.Bpf)]
    public async Task ReadAllAsync_delivers_every_record_that_found_room()
    {
        const int records = 3_000;
        using Readers.BpfRing ring = new(Readers.BpfRing.Never, pages: 64);
        Task writing = Task.Run(() =>
        {
            for (int i = 0; i < records; i++)
                ring.Reserve.Submit(0, i);
        });
        long expected = 0;
        await foreach (OwnedRecord record in ring.Reader.ReadAllAsync())
        {
            using (record)
                Assert.Equal(expected++, BitConverter.ToInt64(record.Payload));

            if (expected == records)
                break;
        }

        await writing;
        Assert.Equal(0, ring.Reader.AvailableBytes);
    }

    private static int Count(RingReader reader)
    {
        int count = 0;
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record _ in batch)
            count++;

        return count;
    }
}
