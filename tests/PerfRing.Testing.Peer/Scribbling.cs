using Microsoft.Win32.SafeHandles;

namespace PerfRing.Testing.Peer;

internal static class Scribbling
{
    private const int Pages = 4;

    /// <summary>Writes whatever it likes to wherever it likes, most of it where it hurts.</summary>
    internal static void Everywhere(string path, int seed)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        int page = Environment.SystemPageSize;
        long length = RandomAccess.GetLength(file);
        Random random = new(seed);
        Peers.SayReady();
        byte[] bytes = new byte[8];
        while (true)
        {
            long offset = random.Next(10) switch
            {
                0 => page,                      // the consumer's position
                1 => page + 128,                // what it sleeps on, and the countdown
                2 => page + 136,                // where it wants to be woken
                3 => 2 * page,                  // the producers' position
                4 => (2 * page) + 128,          // the lock
                5 => (2 * page) + 256,          // who waits for room
                6 => (3 * page) + (64 * random.Next(64)),
                _ => (Pages * page) + (8 * random.NextInt64((length / 8) - (Pages * page / 8))),
            };
            Invent(random, bytes);
            RandomAccess.Write(file, bytes, offset);
            if (random.Next(4) == 0)
                Thread.SpinWait(random.Next(5000));
        }
    }

    private static void Invent(Random random, byte[] bytes)
    {
        switch (random.Next(5))
        {
            case 0:
                random.NextBytes(bytes);
                break;
            case 1:
                BitConverter.TryWriteBytes(bytes, random.NextInt64(1 << 14));
                break;
            case 2:
                // A position or a header that could be.
                BitConverter.TryWriteBytes(bytes, random.NextInt64(1 << 13) * 8);
                break;
            case 3:
                BitConverter.TryWriteBytes(bytes, (random.NextInt64(1 << 10) << 32) | 0x8000_0000 | (uint)random.Next(64));
                break;
            default:
                BitConverter.TryWriteBytes(bytes, 0L);
                break;
        }
    }
}
