using System.Diagnostics;
using System.Runtime.InteropServices;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Readers;

[Collection(Machine.Name)]
public sealed class WaitTests
{
    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_record_wakes_a_reader_that_waits_without_a_bound()
    {
        using BpfOutput output = new(new PerfEventReaderOptions { Wakeup = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan) });
        using Waiting waiting = new(output.Reader);
        output.Program.Emit(0, 8);
        Assert.Equal((ReadStatus.Records, 1), waiting.Result());
        Assert.Equal(1, output.Reader.Wakeups);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_deadline_far_below_a_millisecond_is_kept_to_its_order()
    {
        using BpfOutput output = new(BpfOutput.OnePage);
        long[] waits = new long[101];
        for (int i = 0; i < waits.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            using RecordBatch batch = output.Reader.Read(TimeSpan.FromMicroseconds(100));
            waits[i] = Stopwatch.GetTimestamp() - start;
            Assert.Equal(ReadStatus.TimedOut, batch.Status);
            Assert.True(waits[i] >= 100_000, $"a wait of 100 us returned after {waits[i]} ns");
        }

        // Not a bound on this machine's timing: a wait in whole milliseconds could not be below one even once.
        Assert.True(waits.Min() < 1_000_000, $"the shortest of {waits.Length} waits of 100 us took {waits.Min()} ns");
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void What_was_written_before_the_reader_first_looked_is_read_without_a_wakeup()
    {
        using BpfOutput output = new(new PerfEventReaderOptions { Wakeup = Wakeup.AfterEvents(100).Within(Timeout.InfiniteTimeSpan) });
        output.Program.Emit(0, 8, 3);
        using RecordBatch batch = output.Reader.Read();
        Assert.Equal(3, Count(batch));
        Assert.Equal(0, output.Reader.Wakeups);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void Cancelling_ends_a_wait_and_loses_nothing()
    {
        using BpfOutput output = new(new PerfEventReaderOptions { Wakeup = Wakeup.AfterEvents(100).Within(Timeout.InfiniteTimeSpan) });
        using CancellationTokenSource source = new();
        using Waiting waiting = new(output.Reader, cancellationToken: source.Token);
        output.Program.Emit(0, 8);
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => waiting.Result());
        using RecordBatch batch = output.Reader.Read(TimeSpan.Zero);
        Assert.Equal(1, Count(batch));
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_flush_delivers_what_is_below_the_threshold_and_then_says_so_once()
    {
        using BpfOutput output = new(new PerfEventReaderOptions { Wakeup = Wakeup.AfterEvents(100).Within(Timeout.InfiniteTimeSpan) });
        using Waiting waiting = new(output.Reader);
        output.Program.Emit(0, 8, 5);
        output.Reader.Flush();
        Assert.Equal((ReadStatus.Records, 5), waiting.Result());
        using (RecordBatch flushed = output.Reader.Read(TimeSpan.Zero))
            Assert.Equal(ReadStatus.Flushed, flushed.Status);

        using RecordBatch after = output.Reader.Read(TimeSpan.Zero);
        Assert.Equal(ReadStatus.TimedOut, after.Status);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void Dispose_from_another_thread_races_a_blocked_read_and_nothing_is_left_open()
    {
        const int rounds = 3_000;
        using BpfTestMap map = BpfTestMap.PerfEventArray();
        using BpfMap opened = BpfMap.FromDescriptor(map.Descriptor);
        using PerfOutputProgram program = new(map);
        PerfEventSource source = PerfEventSource.BpfOutput(opened);
        PerfEventReaderOptions options = BpfOutput.OnePage with { Wakeup = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan) };

        using Turns turns = new();
        Round(0);
        ProcessResources before = ProcessResources.Now();
        for (int i = 1; i <= rounds; i++)
            Round(i);

        ProcessResources after = ProcessResources.Now();
        Assert.Equal(
            (before.PerfEventDescriptors, before.BpfDescriptors, before.PerfEventMappings),
            (after.PerfEventDescriptors, after.BpfDescriptors, after.PerfEventMappings));
        Assert.InRange(after.Descriptors, 0, before.Descriptors + 10);

        void Round(int i)
        {
            PerfEventReader reader = PerfEventReader.Open(source, options);
            turns.Start(reader);

            // Sometimes at once, sometimes when the reader sleeps, sometimes with a record on its way.
            if (i % 3 == 0)
                Thread.SpinWait(i % 1_000);
            else if (i % 3 == 1)
                program.Emit(0, 8);
            else
                Wait.Until(() => turns.IsReading, "the reading thread to start");

            reader.Dispose();
            Assert.Equal(ReadStatus.Completed, turns.Finish());
        }
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void Signals_in_the_middle_of_a_wait_do_not_end_it()
    {
        int handled = 0;
        using PosixSignalRegistration handler = PosixSignalRegistration.Create(
            PosixSignal.SIGWINCH, _ => Interlocked.Increment(ref handled));
        using BpfOutput output = new(new PerfEventReaderOptions { Wakeup = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan) });
        using Waiting waiting = new(output.Reader);
        for (int i = 0; i < 50; i++)
        {
            // To that very thread, so that its epoll_pwait2 returns EINTR.
            Assert.Equal(0, LibC.SignalThread(Environment.ProcessId, waiting.NativeThreadId, LibC.WindowChanged));
            Wait.Until(() => Waiting.IsAsleepInEpoll(waiting.NativeThreadId), "the reader to go back to sleep");
        }

        Wait.Until(() => Volatile.Read(ref handled) > 0, "a signal to be handled");
        Assert.False(waiting.IsOver);
        output.Program.Emit(0, 8);
        Assert.Equal((ReadStatus.Records, 1), waiting.Result());
    }

    private static int Count(RecordBatch batch)
    {
        int count = 0;
        foreach (Record _ in batch)
            count++;

        return count;
    }
}
