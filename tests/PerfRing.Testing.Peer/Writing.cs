using System.Buffers.Binary;

namespace PerfRing.Testing.Peer;

internal static class Writing
{
    private const int LongestPayload = 300;

    /// <summary>Several writers, each of which numbers its records and notes each one that it has committed.</summary>
    internal static void Many(string path, Progress progress, int first, int writers, int seed)
    {
        SharedRing ring = Peers.Attach(path);
        using CountdownEvent writing = new(writers);
        for (int i = 0; i < writers; i++)
        {
            int id = first + i;
            new Thread(() => WriteOn(ring, progress, id, new Random(seed + id), writing)).Start();
        }

        writing.Wait();
        Peers.SayReady();
        Thread.Sleep(Timeout.Infinite);
    }

    /// <summary>The only writer, in batches. Numbers go on where the last one stopped, as far as that is known.</summary>
    internal static void Alone(string path, Progress progress, int publishEvery, int seed)
    {
        SharedRing ring = Peers.Attach(path);
        using SharedRingWriter writer = ring.OpenWriter();
        Random random = new(seed);
        long number = 0;
        bool isReady = false;
        while (true)
        {
            using SharedRingBatchWriter batch = writer.BeginBatch(publishEvery);
            for (int i = 0; i < 50; i++)
            {
                if (!batch.TryReserve(16 + random.Next(100), out Span<byte> bytes))
                    break;

                bytes.Fill((byte)number);
                BinaryPrimitives.WriteInt64LittleEndian(bytes, seed);
                BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], number);
                batch.Commit();

                // Published, and so never lost: all but the last few.
                number++;
                progress[seed] = number - publishEvery;
            }

            if (!isReady)
                Peers.SayReady();

            isReady = true;
        }
    }

    /// <summary>Reserves a record, and does nothing more.</summary>
    internal static void Reserve(string path)
    {
        SharedRing ring = Peers.Attach(path);
        SharedRingWriter writer = ring.OpenWriter();
        if (!writer.TryReserve(100, out SharedRingReservation reservation))
            throw new InvalidOperationException();

        reservation.Bytes.Fill(1);
        Peers.SayReady();
        Thread.Sleep(Timeout.Infinite);
        reservation.Commit();
    }

    private static void WriteOn(SharedRing ring, Progress progress, int id, Random random, CountdownEvent writing)
    {
        using SharedRingWriter writer = ring.OpenWriter();
        for (long number = 0; ; number++)
        {
            int length = 16 + random.Next(LongestPayload);
            if (!writer.Reserve(length, Timeout.InfiniteTimeSpan, out SharedRingReservation reservation))
                throw new InvalidOperationException();

            // Byte by byte and with a pause now and then: death is to come in here, too.
            BinaryPrimitives.WriteInt64LittleEndian(reservation.Bytes, id);
            BinaryPrimitives.WriteInt64LittleEndian(reservation.Bytes[8..], number);
            for (int i = 16; i < length; i++)
                reservation.Bytes[i] = (byte)(id + number + i);

            if (random.Next(8) == 0)
                Thread.Yield();

            reservation.Commit();
            progress[id] = number + 1;
            if (number == 0)
                writing.Signal();
        }
    }
}
