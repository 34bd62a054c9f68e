using System.Buffers.Binary;
using PerfRing.Testing;

namespace PerfRing.Tests;

/// <summary>Samples whose payload begins with a number, to tell them apart.</summary>
internal static class Numbered
{
    internal static FakeSample Sample(long number, int payload = sizeof(long))
    {
        byte[] bytes = new byte[payload];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return new FakeSample { Time = (ulong)number, Payload = bytes };
    }

    /// <summary>Writes samples with the numbers from first to last, all of which have to fit.</summary>
    internal static void WriteNumbers(this FakePerfRing ring, long first, long last, int payload = sizeof(long))
    {
        for (long number = first; number <= last; number++)
            Assert.True(ring.Write(Sample(number, payload)), $"no room for {number}");
    }
}
