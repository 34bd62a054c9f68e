using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.Testing;
using PerfRing.Tests.Readers;

namespace PerfRing.Tests.SharedRings;

/// <summary>A peer that queues on the sleep word with priority inheritance makes the kernel refuse our wakeups (EINVAL).</summary>
public sealed unsafe class QueueingPeerTests
{
    [Fact]
    public void It_does_not_keep_a_reader_from_closing()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 4096, Producers = SharedRingProducers.One });
        using RawRing raw = new(ring);
        SharedRingReader reader = SharedRingReader.Open(ring);
        QueueOnSleepWord(ring);
        reader.Dispose();
        SharedRingReader.Open(ring).Dispose();
    }

    [Fact]
    public void It_does_not_keep_a_writer_from_writing_and_closing()
    {
        using SharedRing ring = SharedRing.CreateAnonymous(new() { Capacity = 4096, Producers = SharedRingProducers.One });
        using RawRing raw = new(ring);
        SharedRingWriter writer = ring.OpenWriter();
        QueueOnSleepWord(ring);
        raw.SetWord(RawRing.Sleep, 1);
        Assert.True(writer.TryWrite([1]));
        Assert.True(writer.TryWrite([2]));
        writer.Dispose();
        ring.OpenWriter().Dispose();
    }

    /// <summary>Sleeps on a thread of its own until the process ends: nobody requeues it.</summary>
    private static void QueueOnSleepWord(SharedRing ring)
    {
        int fd = (int)ring.Descriptor.DangerousGetHandle();
        Errno.ThrowIfFailed(
            Shim.Mmap((ulong)RawRing.Data, Mmap.ProtectionRead | Mmap.ProtectionWrite, Mmap.Shared, fd, 0, out void* map),
            "mmap", "a second mapping of the ring");
        uint* word = (uint*)((byte*)map + RawRing.Sleep);
        OtherThread peer = new(() => LibC.FutexWaitRequeue(word, *word, word + 256));
        peer.UntilItSleeps();
    }
}
