using PerfRing.Testing;
using PerfRing.Tests.Readers;

namespace PerfRing.Tests.Async;

public sealed class UnpinnedDispatcherTests
{
    [Fact]
    public void What_several_threads_hand_over_again_and_again_is_executed_once_each_time()
    {
        const int rounds = 5_000;
        using UnpinnedDispatcher dispatcher = new(ProcessCpus.Read());
        Counted[][] works = [.. Enumerable.Range(0, 4).Select(static _ => new Counted[] { new(), new(), new() })];
        OtherThread[] threads = [.. works.Select(mine => new OtherThread(() =>
        {
            for (int round = 1; round <= rounds; round++)
            {
                foreach (Counted work in mine)
                    dispatcher.Enqueue(work);

                foreach (Counted work in mine)
                    work.UntilExecuted(round);
            }
        }))];
        foreach (OtherThread thread in threads)
            thread.Join();

        Assert.All(works.SelectMany(static mine => mine), work => Assert.Equal(rounds, work.Executions));
    }

    [Fact]
    public void What_was_handed_over_before_it_is_disposed_is_executed()
    {
        for (int round = 0; round < 300; round++)
        {
            Counted[] works = [.. Enumerable.Range(0, round).Select(static _ => new Counted())];
            using (UnpinnedDispatcher dispatcher = new(ProcessCpus.Read()))
            {
                foreach (Counted work in works)
                    dispatcher.Enqueue(work);
            }

            foreach (Counted work in works)
                work.UntilExecuted(1);
        }
    }

    [Fact]
    public void Nothing_can_be_handed_over_afterwards()
    {
        UnpinnedDispatcher dispatcher = new(ProcessCpus.Read());
        dispatcher.Dispose();
        Assert.Throws<ObjectDisposedException>(() => dispatcher.Enqueue(new Counted()));
    }

    [Fact]
    public void Handing_over_allocates_nothing()
    {
        using UnpinnedDispatcher dispatcher = new(ProcessCpus.Read());
        Counted work = new();
        dispatcher.Enqueue(work);
        work.UntilExecuted(1);
        long allocated = 0;
        for (int round = 2; round < 1_000; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            dispatcher.Enqueue(work);
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            work.UntilExecuted(round);
        }

        Assert.Equal(0, allocated);
    }

    private sealed class Counted : DispatchedWork
    {
        private int _executions;

        internal int Executions => Volatile.Read(ref _executions);

        public override void Execute() => Interlocked.Increment(ref _executions);

        internal void UntilExecuted(int times) =>
            Wait.Until(() => Executions >= times, $"execution {times}", TimeSpan.FromSeconds(30), () => $"{Executions}");
    }
}
