using System.Buffers.Binary;
using System.Diagnostics;
using PerfRing.Testing;
using Xunit.Abstractions;

namespace PerfRing.KernelTests.Rings;

[Collection(Machine.Name)]
public sealed class BpfUserRingRoundTripTests(ITestOutputHelper output)
{
    [KernelFact(Needs.Bpf)]
    public void A_million_records_of_varying_sizes_go_round_byte_for_byte()
    {
        const int records = 1_000_000;
        const int longest = 200;
        using UserRingEcho echo = new(1 << 20);

        // Byte i of record n is byte i of a pattern that begins anew every 256 records, with the length and the number in front.
        byte[] pattern = new byte[256 + longest];
        new Random(4).NextBytes(pattern);
        byte[] expected = new byte[longest];
        int written = 0;
        int seen = 0;
        long start = Stopwatch.GetTimestamp();
        while (seen < records)
        {
            while (written < records && echo.Ring.TryReserve(LengthOf(written), out BpfUserReservation reservation))
            {
                Make(reservation.Bytes, written, pattern);
                reservation.Submit();
                written++;
            }

            int drained = echo.DrainTo(record =>
            {
                Span<byte> wanted = expected.AsSpan(0, LengthOf(seen));
                Make(wanted, seen, pattern);
                if (!record.SequenceEqual(wanted))
                    Assert.Fail($"record {seen}: {Convert.ToHexString(record)}, expected {Convert.ToHexString(wanted)}");
                seen++;
            });
            Assert.True(drained > 0, $"the kernel drained {drained} of {written - seen} records");
        }

        output.WriteLine($"{records} records in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.00} s");
        Assert.Equal(records, written);
        Assert.Equal(0, echo.Ring.AvailableBytes);

        static int LengthOf(int number) => 8 + (int)((uint)number * 2_654_435_761 % (longest - 7));

        static void Make(Span<byte> record, int number, byte[] pattern)
        {
            pattern.AsSpan(number & 255, record.Length).CopyTo(record);
            BinaryPrimitives.WriteInt32LittleEndian(record, record.Length);
            BinaryPrimitives.WriteInt32LittleEndian(record[4..], number);
        }
    }

    [KernelFact(Needs.Bpf)]
    public void Records_of_every_size_go_over_the_end_of_the_ring_in_one_piece()
    {
        using UserRingEcho echo = new();
        int ends = 0;
        int number = 0;

        // Each size begins where the ones before left off, so that many of them lie across the end, at many offsets.
        for (int round = 0; round < 4; round++)
        {
            for (int length = 0; length <= echo.Ring.LargestRecord; length += 1 + (round * 4))
            {
                Assert.True(echo.Ring.TryReserve(length, out BpfUserReservation reservation));
                Assert.Equal(length, reservation.Bytes.Length);
                UserRingEcho.Fill(reservation.Bytes, ++number);
                reservation.Submit();
                byte[] expected = new byte[length];
                UserRingEcho.Fill(expected, number);
                ends += echo.DrainTo(record => Assert.True(record.SequenceEqual(expected), $"a record of {length} bytes"));
            }
        }

        Assert.Equal(number, ends);
    }
}
