using System.Buffers.Binary;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Readers;

[Collection(Machine.Name)]
public sealed class BpfPayloadTests
{
    [KernelTheory(Needs.Bpf | Needs.PerfEvents)]
    [InlineData(8, 24, 12)]
    [InlineData(9, 24, 12)]
    [InlineData(12, 24, 12)]
    [InlineData(13, 32, 20)]
    [InlineData(20, 32, 20)]
    [InlineData(1024, 1040, 1028)]
    public void A_raw_sample_is_padded_to_eight_bytes_and_its_size_says_so(int written, uint recordSize, int payload)
    {
        using BpfOutput output = new(BpfOutput.OnePage);
        output.Program.Emit(0, written);

        using RecordBatch batch = output.Reader.Read(TimeSpan.Zero);
        RecordBatch.Enumerator records = batch.GetEnumerator();
        Assert.True(records.MoveNext());
        Assert.Equal(recordSize, records.Current.Size);
        Assert.Equal(payload, records.Current.Payload.Length);
        AssertPattern(records.Current.Payload[..written]);
        Assert.False(records.MoveNext());
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void The_largest_payload_of_65516_bytes_arrives_whole_also_where_it_wraps()
    {
        using BpfOutput output = new(BpfOutput.OnePage with { BufferSize = 128 * 1024 });
        int seen = 0;

        // 65,528 bytes a record in a ring of 131,072: the second one in two wraps, each time at another offset.
        for (int round = 0; round < 20; round++)
        {
            output.Program.Emit(0, 65_516);
            using RecordBatch batch = output.Reader.Read(TimeSpan.Zero);
            foreach (Record record in batch)
            {
                Assert.Equal(RecordKind.Sample, record.Kind);
                Assert.Equal(65_528u, record.Size);
                AssertPattern(record.Payload[..65_516]);
                seen++;
            }
        }

        Assert.Equal(20, seen);
    }

    [KernelTheory(Needs.Bpf | Needs.PerfEvents)]
    [InlineData(65_517)]
    [InlineData(65_520)]
    [InlineData(65_528)]
    [InlineData(65_536)]
    public void A_payload_that_overflows_the_size_over_unread_records_gives_a_gap_and_reading_goes_on(int oversized)
    {
        using BpfOutput output = new(BpfOutput.OnePage with { BufferSize = 64 * 1024 });
        output.Program.Emit(0, 8, 40);
        output.Program.Emit(0, oversized);
        output.Program.Emit(0, 8, 5);

        // What the oversized record left of the first forty can't be told from garbage: only that nothing is read outside
        // of the ring, that the walk ends, and that the damage is said, is promised here.
        List<RecordKind> kinds = [];
        ReadAll(output.Reader, kinds);
        Assert.Contains(RecordKind.Gap, kinds);
        Assert.False(output.Reader.ReadLosses().IsExact);

        kinds.Clear();
        output.Program.Emit(0, 8, 7);
        ReadAll(output.Reader, kinds);
        Assert.Equal(Enumerable.Repeat(RecordKind.Sample, 7), kinds);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void Records_of_every_size_wrap_at_every_offset_and_arrive_byte_for_byte()
    {
        using BpfOutput output = new(BpfOutput.OnePage);
        ulong expected = 0;

        // Payloads from 8 to 2,000 bytes move the ring's end through every offset that is a multiple of 8, many times.
        for (int round = 0; round < 3; round++)
        {
            for (int size = 8; size <= 2_000; size += 1 + (round * 2))
            {
                output.Program.Emit(0, size);
                using RecordBatch batch = output.Reader.Read(TimeSpan.Zero);
                foreach (Record record in batch)
                {
                    Assert.Equal(expected++, BinaryPrimitives.ReadUInt64LittleEndian(record.Payload));
                    AssertPattern(record.Payload[..size]);
                }
            }
        }

        Assert.Equal((ulong)output.Program.Counts(0).Accepted, expected);
    }

    private static void ReadAll(PerfEventReader reader, List<RecordKind> kinds)
    {
        // At most one batch for each record that was written, and some: a reader that turns in circles fails here.
        for (int i = 0; i < 100; i++)
        {
            using RecordBatch batch = reader.Read(TimeSpan.Zero);
            if (batch.Status == ReadStatus.TimedOut)
                return;

            foreach (Record record in batch)
            {
                kinds.Add(record.Kind);
                Assert.InRange(kinds.Count, 1, 10_000);
            }
        }

        Assert.Fail("the reader never came to an end");
    }

    private static void AssertPattern(ReadOnlySpan<byte> payload)
    {
        // The first eight bytes are the sequence number.
        for (int i = 8; i < payload.Length; i++)
        {
            if (payload[i] != PerfOutputProgram.ExpectedByte(i))
                Assert.Fail($"byte {i} of {payload.Length} is {payload[i]:x2}, expected {PerfOutputProgram.ExpectedByte(i):x2}");
        }
    }
}
