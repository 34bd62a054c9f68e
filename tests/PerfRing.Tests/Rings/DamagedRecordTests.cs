using PerfRing.Testing;

namespace PerfRing.Tests.Rings;

/// <summary>Content that no kernel writes, between records that are whole: the walk says so once, and reading goes on.</summary>
public sealed class DamagedRecordTests
{
    private const uint Sample = (uint)RecordKind.Sample;
    private const int Taken = 48;

    private static readonly Dictionary<string, Action<FakePerfRing>> Lies = new()
    {
        ["size 0"] = static ring => ring.WriteHeader(Sample, 0, Taken),
        ["size 4"] = static ring => ring.WriteHeader(Sample, 4, Taken),
        ["size 7"] = static ring => ring.WriteHeader(Sample, 7, Taken),
        ["size no multiple of 8"] = static ring => ring.WriteHeader(Sample, 44, Taken),
        ["size below the fields"] = static ring => ring.WriteHeader(Sample, 16, 16),
        ["size beyond the head"] = static ring => ring.WriteHeader(Sample, Taken + 200, Taken),
        ["largest size"] = static ring => ring.WriteHeader(Sample, 65_528, Taken),
        ["unknown kind beyond the head"] = static ring => ring.WriteHeader(4711, 65_528, Taken),
        ["forged gap"] = static ring => ring.WriteHeader((uint)RecordKind.Gap, Taken, Taken),
        ["payload one beyond the record"] = static ring => ring.WriteSampleClaimingPayload(37),
        ["payload of 4 GiB"] = static ring => ring.WriteSampleClaimingPayload(uint.MaxValue),
        ["payload whose end overflows"] = static ring => ring.WriteSampleClaimingPayload(uint.MaxValue - 27),
        ["loss notice without a count"] = static ring => ring.WriteHeader((uint)RecordKind.Lost, 16, 16),
        ["hardware loss notice without a count"] = static ring => ring.WriteHeader((uint)RecordKind.LostSamples, 8, 8),
    };

    /// <summary>Where the rings start: before the damage nothing wraps, the damaged record wraps, what follows it wraps; and
    /// all positions wrap.</summary>
    private static readonly ulong[] Starts = [0, 4096 - 88, 4096 - 112, ulong.MaxValue - 95];

    public static TheoryData<string, ulong> LiesAndStarts => Combine(Lies.Keys);

    public static TheoryData<ulong, ulong> CountsAndStarts => Combine(
        [8ul, 9ul, uint.MaxValue, (1ul << 32) + 3, 1ul << 61, ulong.MaxValue, ulong.MaxValue / 8]);

    [Theory]
    [MemberData(nameof(LiesAndStarts))]
    public void Damage_is_one_gap_behind_the_records_before_it(string lie, ulong start)
    {
        using FakePerfRing ring = Damaged(lie, start);
        using FakeReader reader = new(ring);
        Assert.Equal([RecordKind.Sample, RecordKind.Sample, RecordKind.Gap], Shown.Kinds(reader));
    }

    [Theory]
    [MemberData(nameof(LiesAndStarts))]
    public void A_gap_skips_all_bytes_from_the_damage_to_the_head(string lie, ulong start)
    {
        using FakePerfRing ring = Damaged(lie, start, out ulong damage);
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        ulong skipped = 0;
        foreach (Record record in batch)
            skipped += record.SkippedBytes;

        Assert.Equal(ring.Head - damage, skipped);
    }

    [Theory]
    [MemberData(nameof(LiesAndStarts))]
    public void Records_written_after_the_gap_are_read(string lie, ulong start)
    {
        using FakePerfRing ring = Damaged(lie, start);
        using FakeReader reader = new(ring);
        Shown.Kinds(reader);
        ring.WriteNumbers(10, 12);
        Assert.Equal([10, 11, 12], Shown.Numbers(reader));
    }

    [Theory]
    [MemberData(nameof(LiesAndStarts))]
    public void The_ledger_counts_the_gap_once_and_its_bytes(string lie, ulong start)
    {
        using FakePerfRing ring = Damaged(lie, start, out ulong damage);
        using FakeReader reader = new(ring);
        Shown.Kinds(reader);
        Assert.Equal(new CpuLosses(0, null, 0, 0, Gaps: 1, ring.Head - damage), reader.Losses());
    }

    [Theory]
    [MemberData(nameof(LiesAndStarts))]
    public void A_second_walk_shows_the_gap_again_and_counts_it_no_more(string lie, ulong start)
    {
        using FakePerfRing ring = Damaged(lie, start);
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        Assert.Equal(Shown.Numbers(batch), Shown.Numbers(batch));
        Assert.Equal(1ul, reader.Losses().Gaps);
    }

    [Theory]
    [MemberData(nameof(LiesAndStarts))]
    public void A_drain_hands_the_gap_over_and_moves_behind_it(string lie, ulong start)
    {
        using FakePerfRing ring = Damaged(lie, start);
        using FakeReader reader = new(ring);
        Counting handler = default;
        reader.Drain(ref handler);
        Assert.Equal(ring.Head, ring.Tail);
    }

    [Theory]
    [MemberData(nameof(LiesAndStarts))]
    public void A_batch_that_nobody_walks_moves_behind_the_damage(string lie, ulong start)
    {
        using FakePerfRing ring = Damaged(lie, start);
        using FakeReader reader = new(ring);
        reader.Read(TimeSpan.Zero).Dispose();
        Assert.Equal(ring.Head, ring.Tail);
    }

    [Theory]
    [MemberData(nameof(LiesAndStarts))]
    public void Releasing_through_the_gap_moves_behind_it(string lie, ulong start)
    {
        using FakePerfRing ring = Damaged(lie, start);
        using FakeReader reader = new(ring);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record record in batch)
        {
            if (record.Kind == RecordKind.Gap)
                batch.ReleaseThrough(record);
        }

        Assert.Equal(ring.Head, ring.Tail);
    }

    [Theory]
    [MemberData(nameof(LiesAndStarts))]
    public void A_batch_bounded_by_bytes_ends_at_the_gap(string lie, ulong start)
    {
        using FakePerfRing ring = Damaged(lie, start);
        using FakeReader reader = new(ring);
        Assert.Equal(
            [RecordKind.Sample, RecordKind.Sample, RecordKind.Gap], Shown.Kinds(reader, ReadBudget.OfBytes(1 << 20)));
    }

    [Theory]
    [MemberData(nameof(LiesAndStarts))]
    public void A_batch_of_one_record_at_a_time_reaches_the_gap_in_three(string lie, ulong start)
    {
        using FakePerfRing ring = Damaged(lie, start);
        using FakeReader reader = new(ring);
        List<int> sizes = [];
        for (int i = 0; i < 10 && ring.Tail != ring.Head; i++)
            sizes.Add(Shown.Kinds(reader, ReadBudget.OfRecords(1)).Count);

        Assert.Equal([1, 1, 1], sizes);
    }

    [Theory]
    [MemberData(nameof(CountsAndStarts))]
    public void A_call_chain_longer_than_its_record_is_a_gap(ulong callers, ulong start)
    {
        using FakePerfRing ring = new(SampleFields.CallChain, start: start);
        using FakeReader reader = new(ring);
        ring.WriteSampleClaimingCallers(callers);
        Assert.Equal([RecordKind.Gap], Shown.Kinds(reader));
    }

    [Theory]
    [MemberData(nameof(CountsAndStarts))]
    public void A_call_chain_that_swallows_the_payload_is_a_gap(ulong callers, ulong start)
    {
        using FakePerfRing ring = new(SampleFields.CallChain | SampleFields.Raw, start: start);
        using FakeReader reader = new(ring);
        ring.WriteSampleClaimingCallers(callers);
        Assert.Equal([RecordKind.Gap], Shown.Kinds(reader));
    }

    [Fact]
    public void A_call_chain_one_caller_longer_than_its_record_is_a_gap()
    {
        using FakePerfRing ring = new(SampleFields.CallChain);
        using FakeReader reader = new(ring);
        ring.WriteSampleClaimingCallers(4);
        Assert.Equal([RecordKind.Gap], Shown.Kinds(reader));
    }

    [Fact]
    public void Random_bytes_are_walked_to_their_end_and_left_behind()
    {
        for (int seed = 0; seed < 2000; seed++)
        {
            Random random = new(seed);
            SampleFields fields = (SampleFields)random.Next() & (SampleFields.Raw | SampleFields.CallChain | SampleFields.Time);
            using FakePerfRing ring = new(fields, start: (ulong)random.NextInt64() & ~7ul);
            using FakeReader reader = new(ring);
            byte[] bytes = new byte[Environment.SystemPageSize];
            random.NextBytes(bytes);

            // Small sizes and known kinds here and there, or no walk would get beyond the first header.
            for (int at = 0; at < bytes.Length; at += 8 * random.Next(1, 5))
            {
                BitConverter.TryWriteBytes(bytes.AsSpan(at), random.Next(0, 15));
                BitConverter.TryWriteBytes(bytes.AsSpan(at + 6), (ushort)(8 * random.Next(0, 10)));
            }

            ring.WriteBytes(bytes);
            Assert.True(EndsWithin(reader, bytes.Length / 8), $"seed {seed}: the walk did not end");
            Assert.True(ring.Head == ring.Tail, $"seed {seed}: left at {ring.Tail - ring.Head}");
        }
    }

    private static bool EndsWithin(FakeReader reader, int steps)
    {
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        int touched = 0;
        foreach (Record record in batch)
        {
            if (steps-- == 0)
                return false;

            foreach (byte b in record.Bytes)
                touched += b;

            foreach (byte b in record.Payload)
                touched += b;
        }

        return touched >= 0;
    }

    private static FakePerfRing Damaged(string lie, ulong start) => Damaged(lie, start, out _);

    /// <summary>Two records of 40 bytes, the damage, and another one, which goes with it.</summary>
    private static FakePerfRing Damaged(string lie, ulong start, out ulong damage)
    {
        FakePerfRing ring = new(start: start);
        ring.WriteNumbers(0, 1);
        damage = ring.Head;
        Lies[lie](ring);
        ring.WriteNumbers(2, 2);
        return ring;
    }

    private static TheoryData<T, ulong> Combine<T>(IEnumerable<T> values)
    {
        TheoryData<T, ulong> rows = [];
        foreach (T value in values)
        {
            foreach (ulong start in Starts)
                rows.Add(value, start);
        }

        return rows;
    }
}
