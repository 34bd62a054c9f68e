using PerfRing.Testing;

namespace PerfRing.Tests.Records;

public sealed class RecordFieldTests
{
    private const SampleFields Everything = SampleFields.EventId | SampleFields.InstructionPointer | SampleFields.ThreadId
        | SampleFields.Time | SampleFields.Address | SampleFields.Cpu | SampleFields.Period | SampleFields.CallChain
        | SampleFields.Raw;

    private static readonly Dictionary<SampleFields, Func<Record, ulong>> Getters = new()
    {
        [SampleFields.EventId] = static record => record.EventId,
        [SampleFields.InstructionPointer] = static record => record.InstructionPointer,
        [SampleFields.ThreadId] = static record => (uint)record.ProcessId | ((ulong)(uint)record.ThreadId << 32),
        [SampleFields.Time] = static record => record.Time,
        [SampleFields.Address] = static record => record.Address,
        [SampleFields.Period] = static record => record.Period,
        [SampleFields.CallChain] = static record => (ulong)record.CallChain.Length,
    };

    private static readonly FakeSample Full = new()
    {
        EventId = 11,
        InstructionPointer = 0xFFFF_FFFF_8123_4567,
        ProcessId = 12,
        ThreadId = -1,
        Time = ulong.MaxValue,
        Address = 14,
        Cpu = 15,
        Period = 16,
        Callers = [21, 22],
        Payload = [1, 2, 3, 4],
    };

    public static TheoryData<SampleFields> Fields => [.. Getters.Keys];

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_field_that_was_not_asked_for_throws(SampleFields field) =>
        Assert.Throws<InvalidOperationException>(() => FirstOf(Everything & ~field, Getters[field]));

    [Theory]
    [MemberData(nameof(Fields))]
    public void The_error_names_the_option_to_add(SampleFields field)
    {
        Exception? error = Xunit.Record.Exception(() => FirstOf(SampleFields.None, Getters[field]));
        Assert.Contains($"SampleFields.{field}", error?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SampleFields.EventId, 11ul)]
    [InlineData(SampleFields.InstructionPointer, 0xFFFF_FFFF_8123_4567)]
    [InlineData(SampleFields.ThreadId, 0xFFFF_FFFF_0000_000C)]
    [InlineData(SampleFields.Time, ulong.MaxValue)]
    [InlineData(SampleFields.Address, 14ul)]
    [InlineData(SampleFields.Period, 16ul)]
    [InlineData(SampleFields.CallChain, 2ul)]
    public void A_field_is_found_whatever_else_is_there(SampleFields field, ulong expected)
    {
        // All combinations: each moves the fields behind it.
        for (int bits = 0; bits < 1 << Getters.Count; bits++)
        {
            SampleFields fields = field | SampleFields.Raw;
            int bit = 0;
            foreach (SampleFields other in Getters.Keys)
                fields |= (bits & (1 << bit++)) != 0 ? other : SampleFields.None;

            Assert.True(expected == FirstOf(fields, Getters[field]), $"{field} among {fields}");
        }
    }

    [Fact]
    public void The_cpu_is_that_of_the_ring_also_without_the_field()
    {
        using FakePerfRing ring = new(SampleFields.Raw, cpu: 63);
        using FakeReader reader = new(ring);
        ring.Write(payload: 8);
        Assert.Equal(63, First(reader, static record => record.Cpu));
    }

    [Fact]
    public void A_sample_without_payload_has_an_empty_one()
    {
        using FakePerfRing ring = new(SampleFields.Time);
        using FakeReader reader = new(ring);
        ring.Write(Full);
        Assert.Equal(0, First(reader, static record => record.Payload.Length));
    }

    [Fact]
    public void The_bytes_are_the_whole_record_with_its_header()
    {
        using FakePerfRing ring = new(SampleFields.Raw);
        using FakeReader reader = new(ring);
        ring.Write(Full);
        Assert.Equal([9, 0, 0, 0, 0, 0, 16, 0, 4, 0, 0, 0, 1, 2, 3, 4], First(reader, static record => record.Bytes.ToArray()));
    }

    [Fact]
    public void A_record_of_a_kind_unknown_has_no_payload()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteOther(77, new byte[24]);
        Assert.Equal(0, First(reader, static record => record.Payload.Length));
    }

    [Fact]
    public void A_record_of_a_kind_unknown_has_the_fields_of_its_trailer()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteOther(77, new byte[24], Full with { Time = 99 });
        Assert.Equal(99ul, First(reader, static record => record.Time));
    }

    [Fact]
    public void A_record_too_short_for_its_trailer_has_a_time_of_0()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteHeader(type: 77, claimed: 16, taken: 16);
        Assert.Equal(0ul, First(reader, static record => record.Time));
    }

    [Theory]
    [InlineData(SampleFields.InstructionPointer)]
    [InlineData(SampleFields.Address)]
    [InlineData(SampleFields.Period)]
    public void A_field_that_only_samples_have_throws_on_another_kind(SampleFields field)
    {
        using FakePerfRing ring = new(Everything);
        using FakeReader reader = new(ring);
        ring.WriteLost(1);
        Assert.Throws<InvalidOperationException>(() => First(reader, Getters[field]));
    }

    private static T FirstOf<T>(SampleFields fields, Func<Record, T> get)
    {
        using FakePerfRing ring = new(fields);
        using FakeReader reader = new(ring);
        ring.Write(Full);
        return First(reader, get);
    }

    private static T First<T>(FakeReader reader, Func<Record, T> get)
    {
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        RecordBatch.Enumerator records = batch.GetEnumerator();
        Assert.True(records.MoveNext());
        return get(records.Current);
    }
}
