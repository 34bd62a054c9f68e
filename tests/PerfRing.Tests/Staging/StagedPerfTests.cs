using PerfRing.Abi;
using PerfRing.Testing;

namespace PerfRing.Tests.Staging;

/// <summary>What a perf ring may hold, moved by the native thread.</summary>
public sealed class StagedPerfTests
{
    private static int PageSize => Environment.SystemPageSize;

    [Fact]
    public void Records_come_through_in_order_with_their_losses()
    {
        using FakePerfRing kernel = new();
        using StagedFake staged = StagedFake.Of(kernel);
        kernel.WriteNumbers(1, 3);
        kernel.WriteLost(5);
        kernel.WriteNumbers(4, 4);
        staged.Stage();
        Assert.Equal([1, 2, 3, -1, 4], Shown.Numbers(staged.Reader));
        Assert.Equal(5ul, staged.Reader.Losses().Noticed);
    }

    [Fact]
    public void What_is_moved_is_released_in_the_kernels_ring_and_kept_in_the_staging_ring()
    {
        using FakePerfRing kernel = new();
        using StagedFake staged = StagedFake.Of(kernel);
        kernel.WriteNumbers(1, 10);
        staged.Stage();
        Assert.Equal(kernel.Head, kernel.Tail);
        Assert.Equal((long)kernel.Head, staged.Reader.AvailableBytes);
        Assert.Equal(10, Shown.Numbers(staged.Reader).Count);
        Assert.Equal(0, staged.Reader.AvailableBytes);
    }

    [Fact]
    public void A_staging_ring_that_is_full_leaves_the_rest_in_the_kernels_ring_and_loses_nothing()
    {
        using FakePerfRing kernel = new(start: (ulong)PageSize - 96);
        using StagedFake staged = StagedFake.Of(kernel);
        long number = 0;
        for (; kernel.Refused == 0; number++)
        {
            kernel.Write(Numbered.Sample(number));
            staged.Settle();
        }

        // More than one ring holds: one in front of the other.
        Assert.InRange(staged.Reader.AvailableBytes, PageSize + 1024, 2 * PageSize);
        List<long> read = staged.Reader.ReadAll(() => Shown.Numbers(staged.Reader));
        Assert.Equal(Enumerable.Range(0, (int)number - 1).Select(static i => (long)i), read);
    }

    [Fact]
    public void Only_whole_records_are_moved()
    {
        using FakePerfRing kernel = new(pages: 2);
        using StagedFake staged = StagedFake.Of(kernel, options: new StagingOptions { Capacity = 2 * PageSize });

        // Three of the four fit into the staging ring.
        for (long number = 0; number < 6; number++)
        {
            Assert.True(kernel.Write(Numbered.Sample(number, 2000)));
            staged.Settle();
        }

        ulong size = kernel.Head / 6;
        Wait.Until(() => staged.Ring.LoadReadable() == 4 * size, "four records", seen: () => $"{staged.Ring.LoadReadable()} bytes");
        Assert.Equal([0, 1, 2, 3], Shown.Numbers(staged.Reader));
        staged.Stage();
        Assert.Equal([4, 5], Shown.Numbers(staged.Reader));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(12)]
    [InlineData(65_528)]
    public void A_header_that_cant_be_is_reported_as_a_gap_and_what_comes_later_is_not_part_of_it(int claimed)
    {
        using FakePerfRing kernel = new(start: (ulong)PageSize - 64);
        using StagedFake staged = StagedFake.Of(kernel);
        kernel.WriteNumbers(1, 3);
        kernel.WriteHeader((uint)RecordKind.Sample, (ushort)claimed, 40);
        kernel.WriteNumbers(4, 5);
        staged.Stage();
        ulong suspect = staged.Ring.LoadReadable();

        // Held back until the gap is read, or it would be suspect, too.
        kernel.WriteNumbers(6, 8);
        staged.Announce();
        Assert.Equal([1, 2, 3, -1], Shown.Numbers(staged.Reader));
        Assert.Equal(suspect, staged.Ring.Tail);
        staged.Stage();
        Assert.Equal([6, 7, 8], Shown.Numbers(staged.Reader));
        Assert.Equal(1ul, staged.Reader.Losses().Gaps);
    }

    [Fact]
    public void A_suspect_stretch_that_does_not_fit_waits_for_room_as_a_whole()
    {
        using FakePerfRing kernel = new();
        using StagedFake staged = StagedFake.Of(kernel);
        kernel.WriteNumbers(1, 60);
        staged.Stage();
        kernel.WriteNumbers(61, 62);
        kernel.WriteHeader((uint)RecordKind.Sample, 4, 2000);
        staged.Announce();
        List<long> read = [];
        Wait.Until(
            () =>
            {
                read.AddRange(Shown.Numbers(staged.Reader));
                return staged.Reader.Losses().Gaps == 1;
            },
            "the gap");
        Assert.Equal(Enumerable.Range(1, 62).Select(static i => (long)i).Append(-1), read);
        Assert.Equal(2000ul, staged.Reader.Losses().SkippedBytes);
        kernel.WriteNumbers(63, 63);
        staged.Stage();
        Assert.Equal([63], Shown.Numbers(staged.Reader));
    }

    [Theory]
    [InlineData(5000)]
    [InlineData(1L << 40)]
    [InlineData(-8)]
    [InlineData(4)]
    public void A_head_that_cant_be_is_reported_as_a_gap_and_reading_goes_on_behind_it(long distance)
    {
        using FakePerfRing kernel = new(start: 1 << 20);
        using StagedFake staged = StagedFake.Of(kernel, options: new StagingOptions { Capacity = 4 * PageSize });
        kernel.WriteNumbers(1, 3);
        kernel.MoveHead(kernel.Head + (ulong)distance);
        staged.Announce();
        List<long> read = staged.Reader.ReadAll(() => Shown.Numbers(staged.Reader));
        Assert.Equal(-1, read[^1]);
        Assert.Equal(1ul, staged.Reader.Losses().Gaps);

        kernel.MoveHead((kernel.Head + 7) & ~7ul);
        kernel.WriteNumbers(4, 6);
        staged.Stage();
        Assert.Equal([4, 5, 6], Shown.Numbers(staged.Reader));
    }
}
