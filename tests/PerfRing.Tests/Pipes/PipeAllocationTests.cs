using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using PerfRing.Testing;

namespace PerfRing.Tests.Pipes;

/// <summary>Whoever counts the bytes of the whole process runs alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    internal const string Name = "Alone";
}

/// <summary>Steady state allocates nothing, whether a read waits or not, and keeps nothing.</summary>
[Collection(Alone.Name)]
public sealed class PipeAllocationTests
{
    private const int Reads = 10_000;
    private const int Waits = 1_000;

    /// <summary>How often the whole process may be seen allocating before it is held against the wait: background threads of the
    /// runtime allocate now and then.</summary>
    private const int Rounds = 30;

    [Fact]
    public void Reads_that_do_not_wait_allocate_nothing()
    {
        using FakeFramedRing ring = new();
        using FakePerfRing perf = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        using FakeReader perfReader = new(Piped.OnlyAnnounced, perf);
        FakeSample sample = Numbered.Sample(1, payload: 20);
        AssertNothingAllocated(reader, () => ring.Write(1, 20));
        AssertNothingAllocated(perfReader, () => perf.Write(sample));
    }

    [Fact]
    public void Reads_of_several_rings_that_keep_a_part_allocate_nothing()
    {
        using FakeFramedRing one = new(cpu: 0);
        using FakeFramedRing two = new(cpu: 1);
        using FakeReader reader = new(Piped.OnlyAnnounced, one.Ring, two.Ring);
        PipeReader pipe = reader.AsPipeReader();
        long before = 0;
        for (int i = 0; i < 2 * Reads; i++)
        {
            if (i == Reads)
                before = GC.GetAllocatedBytesForCurrentThread();

            one.Write(1, 20);
            two.Write(2, 20);
            ReadResult result = pipe.Now();
            pipe.Keep(result);
            one.Write(3, 20);
            result = pipe.Now();
            pipe.AdvanceTo(result.Buffer.GetPosition(i % 2 == 0 ? 40 : result.Buffer.Length), result.Buffer.End);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reads_that_wait_allocate_nothing(bool withToken)
    {
        using CancellationTokenSource source = new();
        using FakePerfRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring);
        await AssertAllocatesNothing(reader, ring, viaPipe: true, withToken ? source.Token : CancellationToken.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Waits_of_the_reader_allocate_nothing(bool withToken)
    {
        using CancellationTokenSource source = new();
        using FakePerfRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring);
        await AssertAllocatesNothing(reader, ring, viaPipe: false, withToken ? source.Token : CancellationToken.None);
    }

    [Fact]
    public async Task A_token_that_lives_long_keeps_nothing_of_the_reads()
    {
        using CancellationTokenSource source = new();
        WeakReference pipe = await ReadAndForget(source.Token);
        Wait.Until(
            () =>
            {
                GC.Collect();
                return !pipe.IsAlive;
            },
            "the pipe to be collected while the token lives");
        source.Cancel();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> ReadAndForget(CancellationToken token)
    {
        using RingPoller poller = new();
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring) { Poller = poller };
        PipeReader pipe = reader.AsPipeReader();
        for (int i = 0; i < 100; i++)
        {
            Task<ReadResult> read = pipe.Later(token);
            ring.Write(i);
            reader.Nudge();
            pipe.AdvanceTo((await read.WaitAsync(Piped.Patience, CancellationToken.None)).Buffer.End);
        }

        return new WeakReference(pipe);
    }

    private static async Task AssertAllocatesNothing(FakeReader reader, FakePerfRing ring, bool viaPipe, CancellationToken token)
    {
        Writer writer = new(reader, ring);
        try
        {
            long least = long.MaxValue;
            for (int round = 0; round < Rounds && least > Waits; round++)
                least = Math.Min(least, await Measure(reader, writer, viaPipe, token));

            // One object for each wait would be 24 bytes each at the least.
            Assert.InRange(least, 0, Waits);
        }
        finally
        {
            writer.Stop();
        }
    }

    private static async Task<long> Measure(FakeReader reader, Writer writer, bool viaPipe, CancellationToken token)
    {
        PipeReader pipe = reader.AsPipeReader();
        int waited = 0;
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < Waits; i++)
        {
            if (viaPipe)
            {
                ValueTask<ReadResult> read = pipe.ReadAsync(token);
                waited += read.IsCompleted ? 0 : 1;
                writer.Ask();
                ReadResult result = await read.ConfigureAwait(false);
                pipe.AdvanceTo(result.Buffer.End);
            }
            else
            {
                ValueTask<bool> wait = reader.WaitAsync(token);
                waited += wait.IsCompleted ? 0 : 1;
                writer.Ask();
                await wait.ConfigureAwait(false);
                reader.StatusOf(TimeSpan.Zero, CancellationToken.None);
            }
        }

        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.Equal(Waits, waited);
        return allocated;
    }

    private static void AssertNothingAllocated(FakeReader reader, Func<bool> write)
    {
        PipeReader pipe = reader.AsPipeReader();
        long before = 0;
        for (int i = 0; i < 2 * Reads; i++)
        {
            if (i == Reads)
                before = GC.GetAllocatedBytesForCurrentThread();

            Assert.False(pipe.TryRead(out _));
            write();
            ReadResult result = pipe.Now();
            pipe.AdvanceTo(result.Buffer.End);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>Writes one record and announces it each time that it is asked, a moment later, on a thread of its own.</summary>
    private sealed class Writer
    {
        private readonly FakeReader _reader;
        private readonly FakePerfRing _ring;
        private readonly Thread _thread;
        private readonly FakeSample _sample = Numbered.Sample(1);
        private int _asked;
        private volatile bool _stops;

        internal Writer(FakeReader reader, FakePerfRing ring)
        {
            _reader = reader;
            _ring = ring;
            _thread = new Thread(Run) { IsBackground = true };
            _thread.Start();
        }

        internal void Ask() => Interlocked.Increment(ref _asked);

        internal void Stop()
        {
            _stops = true;
            _thread.Join();
        }

        private void Run()
        {
            int written = 0;
            while (!_stops)
            {
                if (Volatile.Read(ref _asked) == written)
                {
                    Thread.Yield();
                    continue;
                }

                // Whoever asked is on his way into the await: it does not matter for what is right, but for what is measured.
                Thread.SpinWait(500);
                written++;
                _ring.Write(_sample);
                _reader.Nudge();
            }
        }
    }
}
