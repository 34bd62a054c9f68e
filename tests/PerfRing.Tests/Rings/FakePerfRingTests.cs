using PerfRing.Testing;

namespace PerfRing.Tests.Rings;

/// <summary>The fake is trusted by all tests beside it, so it is held to what the kernel was seen to do.</summary>
public sealed class FakePerfRingTests
{
    [Fact]
    public void A_thousand_samples_of_24_bytes_into_4_KiB_are_170_accepted_and_830_refused()
    {
        using FakePerfRing ring = new(SampleFields.Raw);
        for (int i = 0; i < 1000; i++)
            ring.Write(payload: 8);

        long capacity = (Environment.SystemPageSize - 1) / 24;
        Assert.Equal((capacity, 1000 - capacity), (ring.Accepted, ring.Refused));
    }

    [Fact]
    public void A_full_ring_holds_no_loss_notice_yet()
    {
        using FakePerfRing ring = new(SampleFields.Raw);
        using FakeReader reader = new(ring);
        while (ring.Write(payload: 8))
        {
        }

        Assert.DoesNotContain(RecordKind.Lost, Shown.Kinds(reader));
    }

    [Fact]
    public void The_loss_notice_comes_directly_before_the_next_sample_that_fits()
    {
        using FakePerfRing ring = new(SampleFields.Raw);
        using FakeReader reader = new(ring);
        while (ring.Write(payload: 8))
        {
        }

        Shown.Kinds(reader);
        ring.Write(payload: 8);
        Assert.Equal([RecordKind.Lost, RecordKind.Sample], Shown.Kinds(reader));
    }

    [Fact]
    public void One_freed_slot_is_not_enough_for_the_loss_notice_and_a_sample()
    {
        using FakePerfRing ring = new(SampleFields.Raw);
        using FakeReader reader = new(ring);
        while (ring.Write(payload: 8))
        {
        }

        using (RecordBatch batch = reader.Read(TimeSpan.Zero, ReadBudget.OfRecords(1), default))
        {
            foreach (Record _ in batch)
            {
            }
        }

        Assert.False(ring.Write(payload: 8));
    }

    [Fact]
    public void A_loss_notice_takes_24_bytes_and_40_with_a_trailer_of_time_and_cpu()
    {
        using FakePerfRing bare = new(SampleFields.Raw);
        using FakePerfRing stamped = new(SampleFields.Raw | SampleFields.Time | SampleFields.Cpu);
        bare.WriteLost(1);
        stamped.WriteLost(1);
        Assert.Equal((24ul, 40ul), (bare.Head, stamped.Head));
    }

    [Fact]
    public unsafe void Memory_directly_before_and_behind_the_ring_may_not_be_touched()
    {
        using FakePerfRing ring = new(pages: 2);
        ulong page = (ulong)Environment.SystemPageSize;
        ulong data = (ulong)ring.Data;
        string[] areas = File.ReadAllLines("/proc/self/maps");
        Assert.Equal("---p", AccessAt(areas, data - page - 1));
        Assert.Equal("rw-p", AccessAt(areas, data - page));
        Assert.Equal("rw-p", AccessAt(areas, data + (2 * page) - 1));
        Assert.Equal("---p", AccessAt(areas, data + (2 * page)));
    }

    private static string? AccessAt(string[] areas, ulong address)
    {
        foreach (string area in areas)
        {
            string[] parts = area.Split(['-', ' '], 3);
            if (address >= Convert.ToUInt64(parts[0], 16) && address < Convert.ToUInt64(parts[1], 16))
                return parts[2][..4];
        }

        return null;
    }
}
