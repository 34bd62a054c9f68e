using PerfRing.Testing;

namespace PerfRing.Tests.Records;

/// <summary>A gap is made by the reader: nothing in it comes from the ring.</summary>
public sealed class GapRecordTests
{
    [Fact]
    public void A_gap_has_the_cpu_of_its_ring() => Assert.Equal(7, OfGap(static gap => gap.Cpu));

    [Fact]
    public void A_gap_has_a_time_of_0() => Assert.Equal(0ul, OfGap(static gap => gap.Time));

    [Fact]
    public void A_gap_has_no_payload() => Assert.Equal(0, OfGap(static gap => gap.Payload.Length));

    [Fact]
    public void A_gap_does_not_guess_how_many_records_it_hides() => Assert.Equal(0ul, OfGap(static gap => gap.LostCount));

    [Fact]
    public void A_gap_says_how_many_bytes_it_hides() => Assert.Equal(64ul, OfGap(static gap => gap.SkippedBytes));

    [Fact]
    public void A_gap_has_bytes_of_its_own_size() => Assert.Equal(0, OfGap(static gap => gap.Bytes.Length - (int)gap.Size));

    [Fact]
    public void The_ledger_is_not_exact_with_a_gap()
    {
        using FakePerfRing ring = Damaged();
        using FakeReader reader = new(ring);
        reader.Read(TimeSpan.Zero).Dispose();
        Assert.False((reader.Losses() with { Lost = 0 }).IsExact);
    }

    private static FakePerfRing Damaged()
    {
        FakePerfRing ring = new(cpu: 7);
        ring.WriteHeader(type: 9, claimed: 0, taken: 64);
        return ring;
    }

    private static T OfGap<T>(Func<Record, T> get)
    {
        using FakePerfRing ring = Damaged();
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        RecordBatch.Enumerator records = batch.GetEnumerator();
        Assert.True(records.MoveNext());
        return get(records.Current);
    }
}
