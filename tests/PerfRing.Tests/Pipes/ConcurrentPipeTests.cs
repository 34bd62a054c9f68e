using System.IO.Pipelines;
using PerfRing.Testing;

namespace PerfRing.Tests.Pipes;

/// <summary>A producer that never rests, and reads that consume and examine at random.</summary>
public sealed class ConcurrentPipeTests
{
    private const long Records = 30_000;

    [Fact]
    public async Task Everything_comes_once_and_in_order_from_a_framed_ring()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        await AssertOrder(reader, number => ring.Write(number, 8 + (int)(number % 50)), reader.Nudge);
    }

    [Fact]
    public async Task Everything_comes_once_and_in_order_from_a_perf_ring()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring);
        await AssertOrder(reader, number => ring.Write(Numbered.Sample(number, 8 + (int)(number % 50))), reader.Nudge);
    }

    [Fact]
    public async Task Everything_comes_once_and_in_order_from_a_shared_ring()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = Environment.SystemPageSize });
        using SharedRingWriter writer = ring.OpenWriter();
        using SharedRingReader reader = SharedRingReader.Open(
            ring, new SharedRingReaderOptions { Wakeup = Wakeup.Immediate.Within(TimeSpan.FromMilliseconds(1)) });
        await AssertOrder(reader, number => writer.TryWrite(BitConverter.GetBytes(number)), static () => { });
    }

    private static async Task AssertOrder(RingReader reader, Func<long, bool> tryWrite, Action announce)
    {
        using CancellationTokenSource failed = new();
        Task writing = Task.Run(() =>
        {
            for (long number = 0; number < Records;)
            {
                if (tryWrite(number))
                    number++;
                else
                    Thread.Yield();

                announce();
                failed.Token.ThrowIfCancellationRequested();
            }
        });
        try
        {
            PipeReader pipe = reader.AsPipeReader();
            Random random = new(3);
            for (long next = 0; next < Records;)
                next = Step(reader, pipe, await pipe.ReadAsync().AsTask().WaitAsync(Piped.Patience), random, next);
        }
        finally
        {
            failed.Cancel();
            await Task.WhenAny(writing);
        }
    }

    /// <summary>Consumes a part of a result, or all of it: what was kept counts as not examined, so that the producer may
    /// rest.</summary>
    private static long Step(RingReader reader, PipeReader pipe, in ReadResult result, Random random, long next)
    {
        List<long> numbers = reader.Numbers(result.Buffer);
        int take = random.Next(1, numbers.Count + 1);
        long expected = next;
        foreach (long number in numbers)
        {
            // A notice of losses, which are tries that found no room.
            if (number >= 0)
                Assert.Equal(expected++, number);
        }

        next += numbers.Take(take).Count(static number => number >= 0);
        pipe.AdvanceTo(reader.After(result.Buffer, take));
        return next;
    }
}
