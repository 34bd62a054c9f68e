using PerfRing.Tests.Readers;

namespace PerfRing.Tests.SharedRings;

/// <summary>Several writers at one ring.</summary>
public sealed class ManyWritersOrderTests : IDisposable
{
    private readonly SharedRing _ring = SharedRing.CreateAnonymous(new() { Capacity = 65536 });
    private readonly SharedRingReader _reader;

    public ManyWritersOrderTests() => _reader = SharedRingReader.Open(_ring);

    public void Dispose()
    {
        _reader.Dispose();
        _ring.Dispose();
    }

    [Fact]
    public void Records_come_in_the_order_of_their_reservations()
    {
        using SharedRingWriter first = _ring.OpenWriter();
        using SharedRingWriter second = _ring.OpenWriter();
        Assert.True(first.TryReserve(1, out SharedRingReservation one));
        Assert.True(second.TryReserve(1, out SharedRingReservation two));
        two.Bytes[0] = 2;
        two.Commit();
        Assert.Empty(_reader.Numbers());
        one.Bytes[0] = 1;
        one.Commit();
        Assert.Equal([1, 2], _reader.Numbers());
    }

    [Fact]
    public void What_lies_before_an_unfinished_record_is_delivered()
    {
        using SharedRingWriter first = _ring.OpenWriter();
        using SharedRingWriter second = _ring.OpenWriter();
        Assert.True(first.TryWrite(1));
        Assert.True(second.TryReserve(1, out SharedRingReservation two));
        Assert.True(first.TryWrite(3));
        Assert.Equal([1], _reader.Numbers());
        two.Bytes[0] = 2;
        two.Commit();
        Assert.Equal([2, 3], _reader.Numbers());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Writers_at_the_same_time_lose_nothing_and_keep_their_own_order(bool batched)
    {
        const int writers = 4;
        const int each = 20_000;
        OtherThread[] threads =
        [
            .. Enumerable.Range(0, writers).Select(id => new OtherThread(() => WriteNumbers(id, each, batched))),
        ];
        int[] next = new int[writers];
        for (int seen = 0; seen < writers * each;)
        {
            using RecordBatch batch = _reader.Read(TimeSpan.FromSeconds(30));
            Assert.Equal(ReadStatus.Records, batch.Status);
            foreach (Record record in batch)
            {
                int id = record.Payload[0];
                Assert.Equal(next[id]++, BitConverter.ToInt32(record.Payload[4..]));
                Assert.Equal(-1, record.Payload[8..].IndexOfAnyExcept((byte)id));
                seen++;
            }
        }

        foreach (OtherThread thread in threads)
            thread.Join();

        Assert.Equal(0ul, _reader.ReadLosses().Lost);
    }

    private void WriteNumbers(int id, int count, bool batched)
    {
        using SharedRingWriter writer = _ring.OpenWriter();
        for (int number = 0; number < count;)
        {
            if (!batched)
            {
                Assert.True(writer.Reserve(Length(number), TimeSpan.FromSeconds(30), out SharedRingReservation reservation));
                Fill(reservation.Bytes, id, number++);
                reservation.Commit();
                continue;
            }

            // Room for the whole batch, so that nothing of it is refused.
            using SharedRingBatchWriter batch = writer.BeginBatch(7);
            for (int i = 0; i < 20 && number < count; i++)
            {
                if (_reader.AvailableBytes > 32768)
                {
                    Thread.Yield();
                    continue;
                }

                Assert.True(batch.TryReserve(Length(number), out Span<byte> bytes));
                Fill(bytes, id, number++);
                batch.Commit();
            }
        }
    }

    private static int Length(int number) => 8 + (number % 50);

    private static void Fill(Span<byte> bytes, int id, int number)
    {
        bytes.Fill((byte)id);
        BitConverter.TryWriteBytes(bytes[4..], number);
    }
}
