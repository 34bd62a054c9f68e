using PerfRing.Abi;
using PerfRing.Testing;

namespace PerfRing.Tests.Staging;

/// <summary>What a BPF ring buffer may hold, moved by the native thread.</summary>
public sealed class StagedBpfTests
{
    private static int PageSize => Environment.SystemPageSize;

    [Fact]
    public void Records_of_every_size_survive_every_place_of_both_wraps()
    {
        using FakeFramedRing kernel = new(start: ulong.MaxValue - 4095);
        using StagedFake staged = StagedFake.Of(kernel, options: new StagingOptions { Capacity = 2 * PageSize });
        byte[] payload = [.. Enumerable.Range(0, PageSize).Select(static i => (byte)(i * 7))];
        for (int round = 0; round < 2_000; round++)
        {
            int length = 8 + (round * 61 % 1_500);
            Assert.True(kernel.Write(payload.AsSpan(0, length)));
            staged.Stage();
            using RecordBatch batch = staged.Reader.Read(TimeSpan.Zero);
            RecordBatch.Enumerator records = batch.GetEnumerator();
            if (!records.MoveNext() || !records.Current.Payload.SequenceEqual(payload.AsSpan(0, length)) || records.MoveNext())
                Assert.Fail($"round {round}");
        }
    }

    [Fact]
    public void An_unfinished_record_holds_back_what_lies_behind_it_until_it_is_finished()
    {
        using FakeFramedRing kernel = new();
        using StagedFake staged = StagedFake.Of(kernel);
        kernel.WriteNumbers(1, 2);
        ulong unfinished = kernel.Reserve(3)!.Value;
        kernel.WriteNumbers(4, 5);
        staged.Announce();
        Wait.Until(() => staged.Ring.LoadReadable() == unfinished, "what is finished");
        Assert.Equal([1, 2], Shown.Numbers(staged.Reader));
        Assert.True(staged.Ring.IsHeldUp);

        // Nobody announces the end: the thread looks by itself.
        kernel.Commit(unfinished);
        staged.Reader.UntilAllIsStaged();
        Assert.Equal([3, 4, 5], Shown.Numbers(staged.Reader));
        Assert.False(staged.Ring.IsHeldUp);
    }

    [Fact]
    public void Discarded_records_are_passed_over_and_counted()
    {
        using FakeFramedRing kernel = new();
        using StagedFake staged = StagedFake.Of(kernel);
        kernel.WriteNumbers(1, 1);
        kernel.Discard(kernel.Reserve(2)!.Value);
        kernel.WriteNumbers(3, 3);
        staged.Stage();
        Assert.Equal([1, 3], Shown.Numbers(staged.Reader));
        Assert.Equal(1ul, staged.Reader.Losses().Discarded);
    }

    [Fact]
    public void A_staging_ring_that_is_full_leaves_the_rest_in_the_kernels_ring_and_loses_nothing()
    {
        using FakeFramedRing kernel = new(start: (ulong)PageSize - 80);
        using StagedFake staged = StagedFake.Of(kernel);
        long number = 0;
        while (kernel.Write(number, 40))
        {
            number++;
            staged.Settle();
        }

        // More than one ring holds: one in front of the other.
        Assert.InRange(staged.Reader.AvailableBytes, PageSize + 1024, 2 * PageSize);
        List<long> read = staged.Reader.ReadAll(() => Shown.Numbers(staged.Reader));
        Assert.Equal(Enumerable.Range(0, (int)number).Select(static i => (long)i), read);
    }

    [Theory]
    [InlineData(97u)]
    [InlineData(4096u)]
    [InlineData(RingBufferHeader.LengthMask)]
    [InlineData(RingBufferHeader.LengthMask | RingBufferHeader.Discard)]
    public void A_length_that_cant_be_is_reported_with_its_place_as_without_staging(uint word)
    {
        using FakeFramedRing kernel = new(start: 4064);
        using StagedFake staged = StagedFake.Of(kernel);
        kernel.WriteNumbers(1, 2);
        ulong damaged = kernel.Head;
        kernel.WriteNumbers(3, 4);
        kernel.Damage(damaged, word);
        staged.Stage();
        Assert.Equal(damaged, kernel.Tail);
        List<long> shown = [];
        RingCorruptedException corruption = Assert.Throws<RingCorruptedException>(() => Walk(staged.Reader, shown));
        Assert.Equal((damaged, (ulong)word), (corruption.Position, corruption.Header));
        Assert.Equal([1, 2], shown);
    }

    [Theory]
    [InlineData(4104ul)]
    [InlineData(1ul << 29)]
    [InlineData(1ul << 63)]
    [InlineData(ulong.MaxValue - 7)]
    [InlineData(12ul)]
    public void A_producer_position_that_cant_be_ends_the_ring(ulong position)
    {
        using FakeFramedRing kernel = new();
        using StagedFake staged = StagedFake.Of(kernel, options: new StagingOptions { Capacity = 16 * PageSize });
        kernel.MoveProducer(position);
        staged.Stage();
        Assert.Throws<RingCorruptedException>(() => Shown.Numbers(staged.Reader));
        Assert.Equal(0ul, kernel.Tail);
    }

    private static void Walk(RingReader reader, List<long> shown)
    {
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record record in batch)
            shown.Add(Shown.Number(record));
    }
}
