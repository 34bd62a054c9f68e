using System.Collections.Concurrent;
using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Races;

/// <summary>Everything that may be called from other threads, called while one thread reads: 100,000 rounds in all.</summary>
[Collection(Machine.Name)]
public sealed class ReaderRaceTests
{
    private const int Flushes = 40_000;
    private const int Pauses = 20_000;
    private const int Cancellations = 10_000;
    private const int Outputs = 26_000;
    private const int Disposals = 4_000;

    /// <summary>What ended a thread before its time; on the thread itself it would end the whole test run.</summary>
    private readonly ConcurrentQueue<Exception> _failures = [];

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void Flush_pause_resume_cancellation_and_records_race_a_blocked_read_and_every_flush_is_reported_once()
    {
        using BpfOutput output = new(BpfOutput.OnePage with { Wakeup = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan) });
        PerfEventReader reader = output.Reader;
        CancellationTokenSource current = new();
        long flushed = 0;
        long records = 0;
        long canceled = 0;
        bool completed = false;

        Thread reading = Start("reader", () =>
        {
            while (!completed)
            {
                CancellationTokenSource source = Volatile.Read(ref current);
                try
                {
                    using RecordBatch batch = reader.Read(Timeout.InfiniteTimeSpan, source.Token);
                    flushed += batch.Status == ReadStatus.Flushed ? 1 : 0;
                    completed = batch.Status == ReadStatus.Completed;
                    foreach (Record record in batch)
                        records += record.Kind == RecordKind.Sample ? 1 : 0;
                }
                catch (OperationCanceledException)
                {
                    canceled++;
                    Volatile.Write(ref current, new CancellationTokenSource());
                }
                catch (ObjectDisposedException)
                {
                    // The end came between two reads.
                    completed = true;
                }
            }
        });

        int cpu = MachineCpus.Online()[^1];
        Thread[] disturbing =
        [
            Start("flusher", () => Repeat(Flushes, () => reader.Flush())),
            Start("pauser", () => Repeat(Pauses, () =>
            {
                reader.Pause();
                reader.Resume();
            })),
            Start("canceler", () => Repeat(Cancellations, () => Volatile.Read(ref current).Cancel())),
            Start("producer", () => Repeat(Outputs, () => output.Program.Emit(cpu, 8))),
        ];

        string Seen() => $"{flushed} of {Flushes} flushes, {records} records, {canceled} cancellations; {_failures.FirstOrDefault()}";
        Watchdog.Join(disturbing, Seen);
        Wait.Until(() => Volatile.Read(ref flushed) == Flushes, "every flush to be reported", seen: Seen);
        reader.Dispose();
        Watchdog.Join([reading], Seen);

        Assert.Empty(_failures);
        Assert.Equal(Flushes, flushed);
        Assert.NotEqual(0, canceled);
        Assert.NotEqual(0, records);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void Dispose_races_flush_pause_counts_and_a_second_dispose_and_leaves_nothing_open()
    {
        using BpfTestMap map = BpfTestMap.PerfEventArray();
        using BpfMap opened = BpfMap.FromDescriptor(map.Descriptor);
        using PerfOutputProgram program = new(map);
        PerfEventSource source = PerfEventSource.BpfOutput(opened);
        PerfEventReaderOptions options = BpfOutput.OnePage with
        {
            Cpus = CpuSet.Of(0),
            Wakeup = Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan),
        };
        using Turns turns = new();
        using Barrier together = new(3);
        PerfEventReader? reader = null;
        bool over = false;
        Action<PerfEventReader>[] disturbances = [r => r.Flush(), r => r.Pause(), r => r.ReadLosses(), r => _ = r.AvailableBytes];

        Thread disturbing = Start("disturber", () => EachRound((r, i) => disturbances[i % disturbances.Length](r)));
        Thread disposing = Start("disposer", () => EachRound((r, _) => r.Dispose()));

        Round();
        ProcessResources before = ProcessResources.Now();
        for (int i = 1; i < Disposals; i++)
            Round();

        ProcessResources after = ProcessResources.Now();
        over = true;
        together.SignalAndWait();
        Watchdog.Join([disturbing, disposing], () => "the rounds are over");
        Assert.Empty(_failures);
        Assert.Equal(
            (before.PerfEventDescriptors, before.BpfDescriptors, before.PerfEventMappings),
            (after.PerfEventDescriptors, after.BpfDescriptors, after.PerfEventMappings));

        void Round()
        {
            using PerfEventReader current = PerfEventReader.Open(source, options);
            reader = current;
            turns.Start(current);
            together.SignalAndWait();
            program.Emit(0, 8);
            Assert.Equal(ReadStatus.Completed, turns.Finish());
            Assert.True(together.SignalAndWait(TimeSpan.FromSeconds(20)), "the disturbing threads are stuck");
        }

        void EachRound(Action<PerfEventReader, int> action)
        {
            for (int i = 0; ; i++)
            {
                together.SignalAndWait();
                if (over)
                    return;

                try
                {
                    action(reader!, i);
                }
                catch (ObjectDisposedException)
                {
                    // Dispose was first.
                }

                together.SignalAndWait();
            }
        }
    }

    private static void Repeat(int rounds, Action action)
    {
        for (int i = 0; i < rounds; i++)
            action();
    }

    private Thread Start(string name, Action run)
    {
        Thread thread = new(() =>
        {
            try
            {
                run();
            }
            catch (Exception e)
            {
                _failures.Enqueue(e);
            }
        })
        { Name = name, IsBackground = true };
        thread.Start();
        return thread;
    }
}
