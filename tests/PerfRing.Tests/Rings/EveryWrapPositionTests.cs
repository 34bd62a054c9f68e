using PerfRing.Testing;

namespace PerfRing.Tests.Rings;

/// <summary>One record at every offset of a one-page ring in every size, between guard pages.</summary>
public sealed class EveryWrapPositionTests
{
    private const SampleFields AllFixed = SampleFields.EventId | SampleFields.InstructionPointer | SampleFields.ThreadId
        | SampleFields.Time | SampleFields.Address | SampleFields.Cpu | SampleFields.Period | SampleFields.Raw;

    /// <summary>Positions from which the offsets start: plain ones, and ones that pass 2^64 on the way.</summary>
    public static TheoryData<ulong> Laps => new(0, 1ul << 32, ulong.MaxValue - 8191);

    private static uint PageSize => (uint)Environment.SystemPageSize;

    [Theory]
    [MemberData(nameof(Laps))]
    public void A_payload_of_every_size_is_read_back_from_every_offset(ulong lap) =>
        AtEveryOffset(SampleFields.Raw, smallest: 16, lap, static (record, sample) =>
            record.Payload.Length - sample.Payload.Length is >= 0 and < 8
            && record.Payload[..sample.Payload.Length].SequenceEqual(sample.Payload));

    [Theory]
    [MemberData(nameof(Laps))]
    public void Every_field_is_read_back_in_every_size_from_every_offset(ulong lap) =>
        AtEveryOffset(AllFixed, smallest: 72, lap, static (record, sample) =>
            record.Time == sample.Time && record.ProcessId == sample.ProcessId && record.ThreadId == sample.ThreadId
            && record.EventId == sample.EventId && record.InstructionPointer == sample.InstructionPointer
            && record.Address == sample.Address && record.Period == sample.Period && record.Cpu == 3
            && record.Payload[..sample.Payload.Length].SequenceEqual(sample.Payload));

    [Theory]
    [MemberData(nameof(Laps))]
    public void A_record_of_a_kind_unknown_is_read_back_whole_from_every_offset(ulong lap)
    {
        byte[] body = [.. Enumerable.Range(0, (int)PageSize - 8).Select(static i => (byte)(i * 7))];
        for (uint offset = 0; offset < PageSize; offset += 8)
        {
            using FakePerfRing ring = new(SampleFields.Raw, start: lap + offset);
            using FakeReader reader = new(ring);
            for (int length = 0; length <= body.Length; length += 8)
            {
                ring.WriteOther(77, body.AsSpan(0, length));
                using RecordBatch batch = reader.Read(TimeSpan.Zero);
                RecordBatch.Enumerator records = batch.GetEnumerator();
                if (!records.MoveNext() || (uint)records.Current.Kind != 77
                    || !records.Current.Bytes[8..].SequenceEqual(body.AsSpan(0, length)) || records.MoveNext())
                {
                    Assert.Fail($"lap {lap}, offset {offset}, body {length}");
                }
            }
        }
    }

    private static void AtEveryOffset(SampleFields fields, uint smallest, ulong lap, Comparison same)
    {
        for (uint offset = 0; offset < PageSize; offset += 8)
        {
            using FakePerfRing ring = new(fields, cpu: 3, start: lap + offset);
            using FakeReader reader = new(ring);
            for (uint size = smallest; size <= PageSize; size += 8)
            {
                FakeSample sample = SampleOf(ring, size, offset);
                ring.Force(sample);
                if (!IsOnlyRecord(reader, size, sample, same))
                    Assert.Fail($"lap {lap}, offset {offset}, size {size}");

                // Back to the same offset, a lap further.
                if (size < PageSize)
                    Skip(ring, reader, (int)(PageSize - size));
            }

            Assert.Equal(new CpuLosses(3, null, 0, 0, 0, 0), reader.Losses());
        }
    }

    private static bool IsOnlyRecord(FakeReader reader, uint size, in FakeSample sample, Comparison same)
    {
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        RecordBatch.Enumerator records = batch.GetEnumerator();
        return records.MoveNext() && records.Current.Kind == RecordKind.Sample && records.Current.Size == size
            && same(records.Current, sample) && !records.MoveNext();
    }

    private static void Skip(FakePerfRing ring, FakeReader reader, int bytes)
    {
        ring.WriteHeader(type: 77, claimed: (ushort)bytes, taken: bytes);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record _ in batch)
        {
        }
    }

    /// <summary>A sample that takes exactly so many bytes, with 0 to 7 bytes of padding by turns.</summary>
    private static FakeSample SampleOf(FakePerfRing ring, uint size, uint seed)
    {
        uint room = size - ring.Origin.Layout.MinimumSize + 4;
        byte[] payload = new byte[Math.Max(0, (int)room - (int)(seed / 8 % 8))];
        for (int i = 0; i < payload.Length; i++)
            payload[i] = (byte)(seed + (uint)i);

        return new FakeSample
        {
            EventId = size,
            InstructionPointer = 0xFFFF_FFFF_8100_0000 + seed,
            ProcessId = (int)size,
            ThreadId = -(int)seed - 1,
            Time = ulong.MaxValue - size,
            Address = seed,
            Period = size + seed,
            Payload = payload,
        };
    }

    private delegate bool Comparison(Record record, FakeSample sample);
}
