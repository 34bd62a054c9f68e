using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Memory;
using PerfRing.Testing;

namespace PerfRing.Tests.Staging;

/// <summary>Records of many sizes at every offset of a ring, moved into another between guard pages: one byte beside either, and
/// the process ends.</summary>
public sealed class StagedWrapTests
{
    public static TheoryData<ulong, int> Laps => new()
    {
        { 0, 1 },
        { 1ul << 32, 2 },
        { ulong.MaxValue - 8191, 1 },
    };

    private static uint PageSize => (uint)Environment.SystemPageSize;

    [Theory]
    [MemberData(nameof(Laps))]
    public void Every_byte_arrives_from_every_offset(ulong lap, int pages)
    {
        byte[] body = [.. Enumerable.Range(0, (int)PageSize).Select(static i => (byte)(i * 7))];
        for (uint offset = 0; offset < PageSize; offset += 8)
        {
            using FakePerfRing from = new(SampleFields.Raw, start: lap + offset);
            using FakePerfRing to = new(SampleFields.Raw, pages, start: lap + offset);
            using FakeReader reader = new(to);
            Errno.ThrowIfFailed(Shim.EventFd(out int fd), "eventfd", "a signal");
            using Descriptor signal = new(fd);
            RingMemory source = RingMemory.OfPerf(from.Mapping, (int)PageSize);
            RingMemory target = RingMemory.OfPerf(to.Mapping, (int)PageSize);
            using StagingThread thread = StagingThread.Start(
                [source.StagedTo(target, StageKind.Perf, signal.Number)], [], [], -1, [from.Mapping, to.Mapping, signal]);
            for (int length = (int)(offset % 64); length <= PageSize - 16; length += 248)
            {
                int rounded = length & ~7;
                from.WriteOther(77, body.AsSpan(0, rounded));
                thread.Kick();
                Wait.Until(() => to.Ring.LoadProducer() == from.Head, "the record", seen: () => $"{to.Ring.LoadProducer()}");
                AssertOnly(reader, body.AsSpan(0, rounded), $"lap {lap}, offset {offset}, length {length}");
            }

            Assert.Equal(from.Head, from.Tail);
        }
    }

    private static void AssertOnly(FakeReader reader, ReadOnlySpan<byte> body, string where)
    {
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        RecordBatch.Enumerator records = batch.GetEnumerator();
        if (!records.MoveNext() || (uint)records.Current.Kind != 77 || !records.Current.Bytes[8..].SequenceEqual(body)
            || records.MoveNext())
        {
            Assert.Fail(where);
        }
    }
}
