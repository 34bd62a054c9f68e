using System.Buffers;
using System.IO.Pipelines;
using PerfRing.Testing;

namespace PerfRing.Tests.Pipes;

/// <summary>Records in ring memory, and in copies cut anywhere.</summary>
public sealed class RecordSequenceReaderTests
{
    private const SampleFields WithCpu = FakePerfRing.DefaultFields | SampleFields.Cpu;

    [Fact]
    public void A_copy_may_be_cut_at_every_byte()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring);
        ring.WriteNumbers(1, 3);
        ring.WriteLost(7);
        ring.WriteNumbers(4, 5, payload: 21);
        AssertEveryCut(reader, [1, 2, 3, -1, 4, 5]);
    }

    [Fact]
    public void A_copy_of_framed_records_may_be_cut_at_every_byte()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring.Ring);
        ring.WriteNumbers(1, 2);
        ring.Discard(ring.Reserve(0, 30)!.Value);
        ring.Write(3, 17);
        ring.Write(4, 50);
        AssertEveryCut(reader, [1, 2, 3, 4]);
    }

    [Fact]
    public void Random_records_in_a_ring_and_in_random_pieces_of_copies_are_what_was_written()
    {
        Random random = new(11);
        using FakePerfRing ring = new(start: 64);
        using FakeReader reader = new(Piped.OnlyAnnounced, ring);
        PipeReader pipe = reader.AsPipeReader();
        List<long> expected = [];
        long number = 0;
        for (int round = 0; round < 2_000; round++)
        {
            for (int i = random.Next(1, 6); i > 0; i--)
            {
                if (ring.Write(Numbered.Sample(number, random.Next(8, 400))))
                    expected.Add(number++);
            }

            if (!pipe.TryRead(out ReadResult result))
                continue;

            List<long> live = reader.Numbers(result.Buffer);
            live.RemoveAll(static number => number < 0);
            Assert.Equal(expected, live);
            byte[] copy = result.Buffer.ToArray();
            int[] places = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(copy.Length + 1)).Order()];
            List<long> copied = reader.Numbers(Piped.Cut(copy, places));
            copied.RemoveAll(static number => number < 0);
            Assert.Equal(expected, copied);

            // Notices stand among the samples: consume up to a sample.
            int consume = random.Next(expected.Count + 1);
            pipe.AdvanceTo(AfterSamples(reader, result.Buffer, consume));
            expected.RemoveRange(0, consume);
        }

        Assert.InRange(number, 2_000, long.MaxValue);
    }

    [Fact]
    public void A_copy_tells_the_CPU_of_each_record_that_carries_one()
    {
        using FakePerfRing two = new(WithCpu, cpu: 2);
        using FakePerfRing five = new(WithCpu, cpu: 5);
        using FakeReader reader = new(Piped.OnlyAnnounced, two, five);
        two.Write(Numbered.Sample(1) with { Cpu = 2 });
        five.Write(Numbered.Sample(2) with { Cpu = 5 });
        five.WriteLost(9, new FakeSample { Cpu = 5 });
        ReadResult result = reader.AsPipeReader().Now();
        (RecordKind, int)[] expected = [(RecordKind.Sample, 2), (RecordKind.Sample, 5), (RecordKind.Lost, 5)];
        Assert.Equal(expected, Origins(reader, result.Buffer));
        Assert.Equal(expected, Origins(reader, new ReadOnlySequence<byte>(result.Buffer.ToArray())));
    }

    [Fact]
    public void Damage_is_one_gap_to_the_end_of_its_ring()
    {
        foreach (Action<FakePerfRing> damage in new Action<FakePerfRing>[]
        {
            static ring => ring.WriteHeader(type: 9, claimed: 0, taken: 64),
            static ring => ring.WriteHeader(type: 9, claimed: 12, taken: 64),
            static ring => ring.WriteHeader(type: 9, claimed: 4096, taken: 64),
            static ring => ring.WriteHeader(type: (uint)RecordKind.Gap, claimed: 64, taken: 64),
            static ring => ring.WriteHeader(type: (uint)RecordKind.Lost, claimed: 16, taken: 64),
            static ring => ring.WriteHeader(type: (uint)RecordKind.LostSamples, claimed: 8, taken: 64),
            static ring => ring.WriteSampleClaimingPayload(1 << 20),
        })
        {
            using FakePerfRing damaged = new(WithCpu, cpu: 0, start: 4000);
            using FakePerfRing sound = new(WithCpu, cpu: 1);
            using FakeReader reader = new(Piped.OnlyAnnounced, damaged, sound);
            PipeReader pipe = reader.AsPipeReader();
            damaged.WriteNumbers(1, 2);
            ulong whole = damaged.Head;
            damage(damaged);
            sound.WriteNumbers(3, 4);
            ReadResult result = pipe.Now();
            List<(RecordKind, int, ulong)> shown = [];
            RecordSequenceReader records = reader.RecordsIn(result.Buffer);
            while (records.TryRead(out Record record))
                shown.Add((record.Kind, record.Cpu, record.SkippedBytes));

            Assert.Equal(
                [
                    (RecordKind.Sample, 0, 0), (RecordKind.Sample, 0, 0), (RecordKind.Gap, 0, damaged.Head - whole),
                    (RecordKind.Sample, 1, 0), (RecordKind.Sample, 1, 0),
                ],
                shown);
            pipe.AdvanceTo(records.Position);
            Assert.Equal((damaged.Head, sound.Head), (damaged.Tail, sound.Tail));
        }
    }

    [Fact]
    public void A_slice_of_ring_memory_ends_at_its_last_whole_record()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Piped.OnlyAnnounced, ring);
        ring.WriteNumbers(1, 2);
        ReadOnlySequence<byte> bytes = reader.AsPipeReader().Now().Buffer;
        Assert.Equal([1], reader.Numbers(bytes.Slice(0, bytes.Length - 1)));
        Assert.Equal([], reader.Numbers(bytes.Slice(0, 7)));
        Assert.Equal([], reader.Numbers(default));
    }

    [Fact]
    public void Walking_allocates_nothing()
    {
        using FakePerfRing ring = new(start: (ulong)Environment.SystemPageSize - 60 * 8);
        using FakeReader reader = new(Piped.OnlyAnnounced, ring);
        ring.WriteNumbers(1, 50);
        ReadOnlySequence<byte> bytes = reader.AsPipeReader().Now().Buffer;
        Assert.False(bytes.IsSingleSegment);
        byte[] array = bytes.ToArray();
        ReadOnlySequence<byte> copy = Piped.Cut(array, Enumerable.Range(1, 100).Select(static i => i * 13));
        long count = 0;
        long before = 0;
        for (int round = 0; round < 200; round++)
        {
            if (round == 1)
                before = GC.GetAllocatedBytesForCurrentThread();

            count += Count(reader, bytes) + Count(reader, copy);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(200 * 2 * 50, count);
    }

    private static int Count(FakeReader reader, in ReadOnlySequence<byte> bytes)
    {
        int count = 0;
        RecordSequenceReader records = reader.RecordsIn(bytes);
        while (records.TryRead(out Record record))
            count += record.Payload.Length == 0 ? 0 : 1;

        return count;
    }

    private static List<(RecordKind, int)> Origins(FakeReader reader, in ReadOnlySequence<byte> bytes)
    {
        List<(RecordKind, int)> origins = [];
        RecordSequenceReader records = reader.RecordsIn(bytes);
        while (records.TryRead(out Record record))
            origins.Add((record.Kind, record.Cpu));

        return origins;
    }

    private static SequencePosition AfterSamples(FakeReader reader, in ReadOnlySequence<byte> bytes, int count)
    {
        RecordSequenceReader records = reader.RecordsIn(bytes);
        while (count > 0 && records.TryRead(out Record record))
            count -= record.Kind == RecordKind.Sample ? 1 : 0;

        return records.Position;
    }

    private static void AssertEveryCut(FakeReader reader, List<long> numbers)
    {
        PipeReader pipe = reader.AsPipeReader();
        ReadResult result = pipe.Now();
        Assert.Equal(numbers, reader.Numbers(result.Buffer));
        byte[] copy = result.Buffer.ToArray();
        List<int> ends = [];
        RecordSequenceReader walk = reader.RecordsIn(new ReadOnlySequence<byte>(copy));
        while (walk.TryRead(out _))
            ends.Add(walk.Position.GetInteger());

        Assert.Equal(numbers.Count, ends.Count);
        for (int cut = 0; cut <= copy.Length; cut++)
        {
            Assert.Equal(numbers, reader.Numbers(Piped.Cut(copy, cut)));

            // Only the beginning of it: whole records, and the rest is to come.
            ReadOnlySequence<byte> part = Piped.Cut(copy[..cut], cut / 2);
            List<long> whole = reader.Numbers(part);
            Assert.Equal(numbers[..ends.Count(end => end <= cut)], whole);
        }

        Assert.Equal(numbers, reader.Numbers(Piped.Cut(copy, Enumerable.Range(1, copy.Length - 1))));
        pipe.AdvanceTo(result.Buffer.End);
    }
}
