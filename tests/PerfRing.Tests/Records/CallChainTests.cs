using PerfRing.Testing;

namespace PerfRing.Tests.Records;

public sealed class CallChainTests
{
    private const SampleFields Chained = SampleFields.CallChain | SampleFields.Raw | SampleFields.Time;

    public static TheoryData<int, int, ulong> Shapes
    {
        get
        {
            TheoryData<int, int, ulong> rows = [];
            foreach (int callers in new[] { 0, 1, 2, 127 })
            {
                foreach (int payload in new[] { 0, 1, 4, 5, 100 })
                {
                    foreach (ulong start in new ulong[] { 0, 4096 - 16, 4096 - 24, 4096 - 40 })
                        rows.Add(callers, payload, start);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_callers_are_read_in_order(int callers, int payload, ulong start)
    {
        using FakePerfRing ring = Chain(callers, payload, start, out FakeSample sample);
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        int seen = 0;
        foreach (Record record in batch)
        {
            Assert.True(record.CallChain.SequenceEqual(sample.Callers));
            seen++;
        }

        Assert.Equal(2, seen);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_payload_behind_the_callers_is_found(int callers, int payload, ulong start)
    {
        using FakePerfRing ring = Chain(callers, payload, start, out FakeSample sample);
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        int seen = 0;
        foreach (Record record in batch)
        {
            Assert.True(record.Payload[..payload].SequenceEqual(sample.Payload));
            seen++;
        }

        Assert.Equal(2, seen);
    }

    [Fact]
    public void Another_kind_has_an_empty_call_chain()
    {
        using FakePerfRing ring = new(Chained);
        using FakeReader reader = new(ring);
        ring.WriteOther(77, new byte[64]);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record record in batch)
            Assert.True(record.CallChain.IsEmpty);
    }

    [Fact]
    public unsafe void A_count_that_is_overwritten_under_the_batch_is_cut_to_the_record()
    {
        using FakePerfRing ring = Chain(2, 8, 0, out _);
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record record in batch)
        {
            // What an oversized BPF record does to unread ones.
            *(ulong*)(ring.Data + ring.Origin.Layout.CallChainOffset) = ulong.MaxValue;
            Assert.InRange(record.CallChain.Length, 0, (int)(record.Size / 8) - 3);
            return;
        }

        Assert.Fail("no record");
    }

    /// <summary>Two samples with the same content, the first at the start.</summary>
    private static FakePerfRing Chain(int callers, int payload, ulong start, out FakeSample sample)
    {
        FakePerfRing ring = new(Chained, start: start);
        sample = new FakeSample
        {
            Time = 1,
            Callers = [.. Enumerable.Range(0, callers).Select(static i => ulong.MaxValue - (ulong)i)],
            Payload = [.. Enumerable.Range(1, payload).Select(static i => (byte)i)],
        };
        Assert.True(ring.Write(sample) && ring.Write(sample));
        return ring;
    }
}
