using PerfRing.Testing;

namespace PerfRing.Tests.Records;

public sealed class LossNoticeTests
{
    private const SampleFields Stamped =
        SampleFields.Time | SampleFields.ThreadId | SampleFields.Cpu | SampleFields.EventId | SampleFields.Raw;

    private static readonly FakeSample From = new() { Time = 42, ProcessId = 5, ThreadId = 6, Cpu = 2, EventId = 77 };

    public static TheoryData<bool, ulong> Notices
    {
        get
        {
            // Plain; wrapping behind the header, the id, the count, the trailer's first field.
            TheoryData<bool, ulong> rows = [];
            foreach (ulong start in new ulong[] { 0, 4096 - 8, 4096 - 16, 4096 - 24, 4096 - 32, ulong.MaxValue - 15 })
            {
                rows.Add(true, start);
                rows.Add(false, start);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Notices))]
    public void A_notice_says_how_many_were_lost(bool hardware, ulong start) =>
        Assert.Equal(830ul, OfNotice(hardware, start, static record => record.LostCount));

    [Theory]
    [MemberData(nameof(Notices))]
    public void A_notice_says_when(bool hardware, ulong start) =>
        Assert.Equal(42ul, OfNotice(hardware, start, static record => record.Time));

    [Theory]
    [MemberData(nameof(Notices))]
    public void A_notice_says_in_which_thread_it_was_noticed(bool hardware, ulong start) =>
        Assert.Equal((5, 6), OfNotice(hardware, start, static record => (record.ProcessId, record.ThreadId)));

    [Theory]
    [MemberData(nameof(Notices))]
    public void A_notice_says_which_event_wrote_next(bool hardware, ulong start) =>
        Assert.Equal(77ul, OfNotice(hardware, start, static record => record.EventId));

    [Theory]
    [MemberData(nameof(Notices))]
    public void A_notice_is_at_the_cpu_of_its_ring(bool hardware, ulong start) =>
        Assert.Equal(2, OfNotice(hardware, start, static record => record.Cpu));

    [Theory]
    [MemberData(nameof(Notices))]
    public void A_notice_that_is_walked_is_counted(bool hardware, ulong start) =>
        Assert.Equal(830ul, NoticedAfter(hardware, start, static batch => Shown.Numbers(batch)));

    [Theory]
    [MemberData(nameof(Notices))]
    public void A_notice_that_is_walked_twice_is_counted_once(bool hardware, ulong start) =>
        Assert.Equal(830ul, NoticedAfter(hardware, start, static batch =>
        {
            Shown.Numbers(batch);
            Shown.Numbers(batch);
        }));

    [Theory]
    [MemberData(nameof(Notices))]
    public void A_notice_that_nobody_looked_at_is_counted(bool hardware, ulong start) =>
        Assert.Equal(830ul, NoticedAfter(hardware, start, static _ => { }));

    [Fact]
    public void A_notice_that_was_kept_and_comes_again_is_counted_once()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(0, 0);
        ring.WriteLost(5);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
        {
            bool first = true;
            foreach (Record record in batch)
            {
                if (first)
                    batch.ReleaseThrough(record);

                first = false;
            }
        }

        Assert.Equal([RecordKind.Lost], Shown.Kinds(reader));
        Assert.Equal(5ul, reader.Losses().Noticed);
    }

    [Fact]
    public void Two_notices_add_up()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteLost(5);
        ring.WriteLostSamples(7);
        Shown.Kinds(reader);
        Assert.Equal(12ul, reader.Losses().Noticed);
    }

    [Fact]
    public void A_notice_that_nobody_looked_at_is_not_abandoned()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(0, 1);
        ring.WriteLost(5);
        ring.WriteNumbers(2, 2);
        reader.Read(TimeSpan.Zero).Dispose();
        Assert.Equal(3ul, reader.Losses().Abandoned);
    }

    [Fact]
    public void A_sample_reports_no_loss()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.Write(payload: 64);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record record in batch)
            Assert.Equal(0ul, record.LostCount);
    }

    private static FakePerfRing Noticing(bool hardware, ulong start)
    {
        FakePerfRing ring = new(Stamped, cpu: 2, start: start);
        if (hardware)
            ring.WriteLostSamples(830, From);
        else
            ring.WriteLost(830, From);

        return ring;
    }

    private static T OfNotice<T>(bool hardware, ulong start, Func<Record, T> get)
    {
        using FakePerfRing ring = Noticing(hardware, start);
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        RecordBatch.Enumerator records = batch.GetEnumerator();
        Assert.True(records.MoveNext());
        return get(records.Current);
    }

    private static ulong NoticedAfter(bool hardware, ulong start, BatchAction walk)
    {
        using FakePerfRing ring = Noticing(hardware, start);
        using FakeReader reader = new(ring);
        using (RecordBatch batch = reader.Read(TimeSpan.Zero))
            walk(batch);

        return reader.Losses().Noticed;
    }

    private delegate void BatchAction(RecordBatch batch);
}
