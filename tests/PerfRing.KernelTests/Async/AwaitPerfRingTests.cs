using System.Diagnostics;
using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Async;

/// <summary>The facts of epoll and perf rings, through the set in the poller's set.</summary>
[Collection(Machine.Name)]
public sealed class AwaitPerfRingTests
{
    private static readonly TimeSpan AWhile = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly PerfEventReaderOptions Never =
        BpfOutput.OnePage with { Wakeup = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan) };

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public async Task No_wakeup_is_lost_in_the_nested_set()
    {
        // Nothing but the kernel's own wakeups: a lost one would be a wait that never ends.
        const int rounds = 5_000;
        using BpfOutput output = new(Never);
        int cpu = MachineCpus.Online()[^1];
        for (int i = 0; i < rounds; i++)
        {
            Task<bool> wait = output.Reader.WaitAsync().AsTask();
            Thread.SpinWait(i % 200);
            output.Program.Emit(cpu, 8);
            Assert.True(await wait.WaitAsync(Patience), $"round {i}");
            Assert.Equal(1, Count(output.Reader));
        }
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public async Task The_threshold_wakes_and_what_is_below_it_does_not()
    {
        using BpfOutput output = new(BpfOutput.OnePage with { Wakeup = Wakeup.AfterEvents(10).Within(Timeout.InfiniteTimeSpan) });
        Task<bool> wait = output.Reader.WaitAsync().AsTask();
        output.Program.Emit(0, 8, 9);
        Assert.True(await StaysOpen(wait));
        output.Program.Emit(0, 8);
        Assert.True(await wait.WaitAsync(Patience));
        Assert.Equal(10, Count(output.Reader));
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents | Needs.TwoCpus)]
    public async Task Events_scattered_over_cpus_wake_nobody_without_a_longest_delay_and_a_flush_frees_them()
    {
        int[] cpus = MachineCpus.Online();
        using BpfOutput output = new(BpfOutput.OnePage with { Wakeup = Wakeup.AfterEvents(2).Within(Timeout.InfiniteTimeSpan) });
        Task<bool> wait = output.Reader.WaitAsync().AsTask();
        output.Program.Emit(cpus[0], 8);
        output.Program.Emit(cpus[1], 8);
        Assert.True(await StaysOpen(wait));
        output.Reader.Flush();
        Assert.True(await wait.WaitAsync(Patience));
        Assert.Equal(2, Count(output.Reader));
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents | Needs.TwoCpus)]
    public async Task With_a_longest_delay_scattered_events_arrive()
    {
        int[] cpus = MachineCpus.Online();
        using BpfOutput output = new(BpfOutput.OnePage with { Wakeup = Wakeup.AfterEvents(100).Within(TimeSpan.FromMilliseconds(2)) });
        for (int i = 0; i < 300; i++)
        {
            Task<bool> wait = output.Reader.WaitAsync().AsTask();
            output.Program.Emit(cpus[i % 2], 8);
            output.Program.Emit(cpus[(i + 1) % 2], 8);
            int seen = 0;
            while (seen < 2)
            {
                Assert.True(await wait.WaitAsync(Patience));
                seen += Count(output.Reader);
                if (seen < 2)
                    wait = output.Reader.WaitAsync().AsTask();
            }

            Assert.Equal(2, seen);
        }
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public async Task What_was_written_before_the_descriptor_is_added_is_found_with_either_poller()
    {
        using BpfOutput output = new(Never);
        output.Program.Emit(0, 8);
        ValueTask<bool> first = output.Reader.WaitAsync();
        Assert.True(first.IsCompleted);
        Assert.True(await first);
        Assert.Equal(1, Count(output.Reader));

        // Each change of poller adds the descriptor anew, which consumes the flag of what is written at that moment.
        using RingPoller other = new();
        int cpu = MachineCpus.Online()[^1];
        for (int i = 0; i < 1_000; i++)
        {
            output.Reader.Poller = i % 2 == 0 ? other : RingPoller.Shared;
            Task emitting = Task.Run(() => output.Program.Emit(cpu, 8));
            Assert.True(await output.Reader.WaitAsync().AsTask().WaitAsync(Patience), $"round {i}");
            await emitting;
            Assert.Equal(1, Count(output.Reader));
        }
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public async Task A_blocking_read_after_a_wait_that_was_canceled_keeps_its_wakeups()
    {
        // A poller that still watched the reader would consume the flag, and the read would sleep on.
        using BpfOutput output = new(Never);
        for (int i = 0; i < 500; i++)
        {
            using (CancellationTokenSource source = new())
            {
                Task<bool> wait = output.Reader.WaitAsync(source.Token).AsTask();
                source.Cancel();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(Patience));
            }

            // Disposed only if it ended: a read that sleeps on would keep the test from failing.
            Waiting waiting = new(output.Reader, ownsReader: false);
            output.Program.Emit(0, 8);
            Assert.Equal((ReadStatus.Records, 1), waiting.Result());
            waiting.Dispose();

            Task<bool> again = output.Reader.WaitAsync().AsTask();
            output.Program.Emit(0, 8);
            Assert.True(await again.WaitAsync(Patience));
            Assert.Equal(1, Count(output.Reader));
        }
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public async Task A_bounded_batch_that_leaves_records_is_followed_by_a_wait_that_ends_at_once()
    {
        using BpfOutput output = new(BpfOutput.OnePage with { Wakeup = Wakeup.AfterEvents(10).Within(Timeout.InfiniteTimeSpan) });
        output.Program.Emit(0, 8, 10);
        for (int i = 0; i < 10; i++)
        {
            ValueTask<bool> wait = output.Reader.WaitAsync();
            Assert.True(wait.IsCompleted);
            Assert.True(await wait);
            using RecordBatch batch = output.Reader.Read(TimeSpan.Zero, ReadBudget.OfRecords(1), CancellationToken.None);
            foreach (Record _ in batch)
            {
            }
        }

        Assert.Equal(0, Count(output.Reader));
    }

    [KernelFact(Needs.PerfEvents)]
    public async Task A_task_that_ends_completes_the_reader_after_its_records()
    {
        using Process child = Process.Start(
            new ProcessStartInfo("sh", ["-c", "read line; sleep 0.05; read line; true"]) { RedirectStandardInput = true })!;
        using PerfEventReader reader = PerfEventReader.Open(
            PerfEventSource.Software(SoftwareEvent.ContextSwitches),
            new PerfEventReaderOptions
            {
                ProcessId = child.Id,
                Fields = SampleFields.ThreadId,
                Wakeup = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan),
            });
        int seen = 0;
        Task reading = Task.Run(async () =>
        {
            while (await reader.WaitAsync())
                seen += Count(reader);
        });
        child.StandardInput.WriteLine();
        child.StandardInput.WriteLine();
        await reading.WaitAsync(Patience);
        Assert.NotEqual(0, seen);

        // For ever, and without spinning: the descriptors that hung up have left the set.
        Assert.False(await reader.WaitAsync());
        await foreach (OwnedRecord record in reader.ReadAllAsync())
            Assert.Fail($"{record.Kind} after the end");
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public async Task Waits_race_records_tokens_and_dispose_and_nothing_stays_open()
    {
        const int rounds = 1_500;
        using BpfTestMap map = BpfTestMap.PerfEventArray();
        using BpfMap opened = BpfMap.FromDescriptor(map.Descriptor);
        using PerfOutputProgram program = new(map);
        PerfEventSource source = PerfEventSource.BpfOutput(opened);
        await Round(0);
        ProcessResources before = ProcessResources.Now();
        for (int i = 1; i <= rounds; i++)
            await Round(i);

        ProcessResources after = ProcessResources.Now();
        Assert.Equal(
            (before.PerfEventDescriptors, before.BpfDescriptors, before.PerfEventMappings),
            (after.PerfEventDescriptors, after.BpfDescriptors, after.PerfEventMappings));
        Assert.InRange(after.Descriptors, 0, before.Descriptors + 10);

        async Task Round(int i)
        {
            using CancellationTokenSource token = new();
            PerfEventReader reader = PerfEventReader.Open(source, Never);
            Task<bool> wait = reader.WaitAsync(token.Token).AsTask();
            Task disturbing = Task.Run(() =>
            {
                if (i % 3 == 0)
                    program.Emit(0, 8);
                else if (i % 3 == 1)
                    token.Cancel();
            });
            Thread.SpinWait(i % 1_000);
            reader.Dispose();
            try
            {
                await wait.WaitAsync(Patience);
            }
            catch (OperationCanceledException)
            {
                Assert.Equal(1, i % 3);
            }

            await disturbing;

            // Whoever ended the wait closes the reader, perhaps after the result is seen.
            Wait.Until(() => ProcessResources.Now().PerfEventDescriptors == 0 || i % 50 != 0, "the reader to be closed");
        }
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public async Task ReadAllAsync_delivers_what_every_cpu_wrote_each_in_its_order()
    {
        const int records = 3_000;
        int[] cpus = MachineCpus.Online();
        using BpfOutput output = new(new PerfEventReaderOptions { Fields = SampleFields.Raw | SampleFields.Time });
        Task writing = Task.Run(() =>
        {
            for (int i = 0; i < records; i++)
                output.Program.Emit(cpus[i % cpus.Length], 8);
        });
        Dictionary<int, ulong> last = [];
        int seen = 0;
        await foreach (OwnedRecord record in output.Reader.ReadAllAsync())
        {
            using (record)
            {
                Assert.Equal(RecordKind.Sample, record.Kind);
                ulong time = record.View.Time;
                Assert.True(time > last.GetValueOrDefault(record.Cpu));
                last[record.Cpu] = time;
            }

            if (++seen == records)
                break;
        }

        await writing;
        Assert.Equal(0, Count(output.Reader));
        Assert.Equal(cpus.Length, last.Count);
    }

    private static async Task<bool> StaysOpen(Task wait)
    {
        // Something that must not happen can't be waited for.
        await Task.WhenAny(wait, Task.Delay(AWhile));
        return !wait.IsCompleted;
    }

    private static int Count(RingReader reader)
    {
        int count = 0;
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record record in batch)
            count += record.Kind == RecordKind.Sample ? 1 : 0;

        return count;
    }
}
