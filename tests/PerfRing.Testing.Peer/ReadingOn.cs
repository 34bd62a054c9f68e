using System.Buffers.Binary;

namespace PerfRing.Testing.Peer;

internal static class ReadingOn
{
    /// <summary>Reads numbers, and notes up to which it has read, and up to which it has released.</summary>
    internal static void Numbers(string path, Progress progress)
    {
        SharedRing ring = Peers.Attach(path);
        using SharedRingReader reader = SharedRingReader.Open(ring);
        Peers.SayReady();
        while (true)
        {
            long last = -1;
            using (RecordBatch batch = reader.Read())
            {
                foreach (Record record in batch)
                {
                    long number = BinaryPrimitives.ReadInt64LittleEndian(record.Payload);
                    if (last >= 0 && number != last + 1)
                        progress[2] = number;

                    last = number;
                    progress[0] = number + 1;
                }
            }

            if (last >= 0)
                progress[1] = last + 1;
        }
    }
}
