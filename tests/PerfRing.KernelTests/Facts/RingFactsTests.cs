using PerfRing.Abi;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Facts;

/// <summary>What the kernel does with rings that the reader never opens like this, and why it does not.</summary>
[Collection(Machine.Name)]
public sealed class RingFactsTests
{
    private const int Writable = Mmap.ProtectionRead | Mmap.ProtectionWrite;

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_forward_ring_that_is_mapped_read_only_overwrites_and_tells_nobody()
    {
        using BareRing ring = new(Mmap.ProtectionRead, wakeup: 1);
        ring.Program.Emit(0, 8, 1_000);
        Assert.Equal(1_000, ring.Program.Counts(0).Accepted);
        Assert.Equal(24_000, ring.Head);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_backward_ring_that_is_mapped_read_only_counts_its_head_down()
    {
        using BareRing ring = new(Mmap.ProtectionRead, wakeup: 1, AttrFlags.WriteBackward);
        ring.Program.Emit(0, 8, 1_000);
        Assert.Equal(1_000, ring.Program.Counts(0).Accepted);
        Assert.Equal(-24_000, ring.Head);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void Without_a_threshold_a_ring_is_ready_once_at_half_of_its_size()
    {
        using BareRing ring = new(Writable, wakeup: 0);
        ring.Watch();
        Assert.Equal([86], ReadyAt(ring, 170));
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_threshold_of_ten_events_is_ready_at_every_tenth_and_at_half_of_the_size()
    {
        // The half ring, 86 records of 24 bytes, is the watermark of every ring for which none is set.
        using BareRing ring = new(Writable, wakeup: 10);
        ring.Watch();
        Assert.Equal(Enumerable.Range(1, 17).Select(i => i * 10).Append(86).Order(), ReadyAt(ring, 170));
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_watermark_must_be_exceeded()
    {
        using BareRing ring = new(Writable, wakeup: 240, AttrFlags.Watermark);
        ring.Watch();
        Assert.Equal(11, ReadyAt(ring, 20)[0]);
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void A_watermark_that_the_ring_cannot_reach_never_wakes_while_it_fills()
    {
        using BareRing ring = new(Writable, wakeup: int.MaxValue, AttrFlags.Watermark);
        ring.Watch();
        Assert.Empty(ReadyAt(ring, 170));
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void Looking_consumes_the_readiness()
    {
        using CpuAffinity pinned = OnTheRingsCpu();
        using BareRing ring = new(Writable, wakeup: 1);
        ring.Watch();
        ring.Program.Emit(0, 8);
        Assert.True(ring.IsReady());
        Assert.False(ring.IsReady());
    }

    [KernelFact(Needs.Bpf | Needs.PerfEvents)]
    public void Adding_to_an_epoll_set_consumes_it_as_well()
    {
        using CpuAffinity pinned = OnTheRingsCpu();
        using BareRing ring = new(Writable, wakeup: 1);
        ring.Program.Emit(0, 8, 5);
        ring.Watch();

        // EPOLL_CTL_ADD looks itself and, finding the ring ready, queues it; the wait then looks again, and the flag is gone.
        Assert.False(ring.IsReady());
        ring.Program.Emit(0, 8);
        Assert.True(ring.IsReady());
    }

    /// <summary>The kernel wakes by an interrupt to the CPU that wrote. From there, the wake is done when the write returns.</summary>
    private static CpuAffinity OnTheRingsCpu() => CpuAffinity.Pin(0);

    /// <summary>After which records the ring was ready.</summary>
    private static List<int> ReadyAt(BareRing ring, int records)
    {
        using CpuAffinity pinned = OnTheRingsCpu();
        List<int> ready = [];
        for (int i = 1; i <= records; i++)
        {
            ring.Program.Emit(0, 8);
            if (ring.IsReady())
                ready.Add(i);
        }

        return ready;
    }
}
