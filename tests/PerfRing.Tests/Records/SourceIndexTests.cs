using PerfRing.Testing;

namespace PerfRing.Tests.Records;

public sealed class SourceIndexTests
{
    private const SampleFields WithId = SampleFields.EventId | SampleFields.Raw;

    [Theory]
    [InlineData(100ul, 0)]
    [InlineData(200ul, 1)]
    [InlineData(201ul, 1)]
    [InlineData(300ul, 2)]
    public void The_event_id_tells_the_source(ulong id, int source) => Assert.Equal(source, IndexOf(WithId, id));

    [Fact]
    public void An_event_id_of_nobody_is_no_source() => Assert.Equal(-1, IndexOf(WithId, 999));

    [Fact]
    public void Without_ids_there_is_only_one_source() => Assert.Equal(0, IndexOf(SampleFields.Raw, 999));

    [Fact]
    public void A_loss_notice_names_the_source_that_wrote_next()
    {
        using FakePerfRing ring = Sources(WithId);
        using FakeReader reader = new(ring);
        ring.WriteLost(1, new FakeSample { EventId = 300 });
        Assert.Equal(2, First(reader));
    }

    [Theory]
    [InlineData(WithId)]
    [InlineData(SampleFields.Raw)]
    public void A_gap_has_no_source(SampleFields fields)
    {
        using FakePerfRing ring = Sources(fields);
        using FakeReader reader = new(ring);
        ring.WriteHeader(type: 9, claimed: 0, taken: 64);
        Assert.Equal(-1, First(reader));
    }

    private static int IndexOf(SampleFields fields, ulong id)
    {
        using FakePerfRing ring = Sources(fields);
        using FakeReader reader = new(ring);
        ring.Write(new FakeSample { EventId = id, Payload = new byte[8] });
        return First(reader);
    }

    private static int First(FakeReader reader)
    {
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        RecordBatch.Enumerator records = batch.GetEnumerator();
        Assert.True(records.MoveNext());
        return records.Current.SourceIndex;
    }

    /// <summary>A ring that three sources write into, the second of them with two events.</summary>
    private static FakePerfRing Sources(SampleFields fields)
    {
        FakePerfRing ring = new(fields);
        ring.Origin.Add(100, 0);
        ring.Origin.Add(200, 1);
        ring.Origin.Add(201, 1);
        ring.Origin.Add(300, 2);
        return ring;
    }
}
