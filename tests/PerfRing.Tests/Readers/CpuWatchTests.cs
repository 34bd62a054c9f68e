using System.Runtime.CompilerServices;
using PerfRing.Testing;

namespace PerfRing.Tests.Readers;

public sealed class CpuWatchTests
{
    private static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void It_looks_again_and_again_and_by_the_clock_less_often()
    {
        CpuWatch watch = new(Brief, 20 * Brief);
        Watched watched = new();
        watch.Add(watched);
        Wait.Until(() => watched is { Looks: > 50, ClockLooks: > 2 }, "looks");
        Assert.True(watched.ClockLooks < watched.Looks / 2, $"{watched.ClockLooks} of {watched.Looks}");
        watch.Remove(watched);
        Assert.Equal(0, watch.Watching);
    }

    [Fact]
    public void What_has_nothing_to_watch_any_more_is_let_go()
    {
        CpuWatch watch = new(Brief, Brief);
        Watched watched = new() { IsOver = true };
        watch.Add(watched);
        Wait.Until(() => watch.Watching == 0, "it to be let go");
    }

    [Fact]
    public void What_was_forgotten_is_not_kept_alive()
    {
        CpuWatch watch = new(Brief, Brief);
        WeakReference forgotten = AddOne(watch);
        Wait.Until(
            () =>
            {
                GC.Collect();
                return !forgotten.IsAlive && watch.Watching == 0;
            },
            "it to be collected");
    }

    [Fact]
    public void A_look_allocates_nothing()
    {
        CpuWatch watch = new(TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        Watched watched = new();
        watch.Add(watched);
        for (int i = 0; i < 100; i++)
            watch.Look(byClock: true);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
            watch.Look(byClock: true);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference AddOne(CpuWatch watch)
    {
        Watched watched = new();
        watch.Add(watched);
        return new WeakReference(watched);
    }

    private sealed class Watched : ICpuWatched
    {
        private int _looks;
        private int _clockLooks;

        internal bool IsOver { get; init; }

        internal int Looks => Volatile.Read(ref _looks);

        internal int ClockLooks => Volatile.Read(ref _clockLooks);

        public bool Look(bool byClock)
        {
            Interlocked.Increment(ref _looks);
            if (byClock)
                Interlocked.Increment(ref _clockLooks);

            return !IsOver;
        }
    }
}
