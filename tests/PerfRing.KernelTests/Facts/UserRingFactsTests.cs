using PerfRing.Abi;
using PerfRing.Interop;
using PerfRing.KernelTests.Rings;
using PerfRing.Memory;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Facts;

/// <summary>What the kernel does with a user ring, whatever wrote it: the library relies on it.</summary>
[Collection(Machine.Name)]
public sealed class UserRingFactsTests
{
    private const int ReadOnly = Mmap.ProtectionRead;
    private const int ReadWrite = Mmap.ProtectionRead | Mmap.ProtectionWrite;
    private const uint Busy = RingBufferHeader.Busy;
    private const uint Discard = RingBufferHeader.Discard;

    [KernelTheory(Needs.Bpf)]
    [InlineData(0, 1, ReadOnly, 0)] // the consumer page
    [InlineData(0, 1, ReadWrite, Errno.EPERM)]
    [InlineData(0, 4, ReadOnly, 0)] // both pages and the records, twice
    [InlineData(0, 4, ReadWrite, Errno.EPERM)]
    [InlineData(1, 3, ReadWrite, 0)] // all but the consumer page
    [InlineData(1, 4, ReadWrite, Errno.EINVAL)] // more than there is
    public void The_consumer_page_is_read_only_and_the_rest_may_be_written(int firstPage, int pages, int protection, int error)
    {
        using BpfTestMap map = BpfTestMap.UserRingBuffer(Environment.SystemPageSize);
        nuint page = (nuint)Environment.SystemPageSize;
        int result = Mapping.TryMap(
            map.Descriptor, (nuint)pages * page, protection, (ulong)firstPage * page, out Mapping? mapping);
        mapping?.Dispose();
        Assert.Equal(-error, result);
    }

    [KernelTheory(Needs.Bpf)]
    [InlineData(8u, 0u, 1)] // a record of no length is one
    [InlineData(16u, 8u | Busy, 0)] // waited for, in silence
    [InlineData(16u, 8u | Discard, 0)] // passed over
    [InlineData(16u, 8u | Busy | Discard, 0)]
    [InlineData(8u, 8u, -Errno.EINVAL)] // longer than what was produced
    [InlineData(12u, 0u, -Errno.EINVAL)] // no multiple of 8
    public void What_a_drain_does_depends_on_the_first_header(uint producer, uint header, int expected)
    {
        using UserRingEcho echo = new();
        echo.Ring.Dispose();
        echo.Scribble(producer, header);
        Assert.Equal(expected, echo.Drain());
        Assert.Equal(expected < 0 ? expected : 0, echo.Drain());
    }

    [KernelTheory(Needs.Bpf)]
    [InlineData(1u << 24)]
    [InlineData((1u << 24) | Discard)]
    public void A_record_longer_than_a_dynptr_ends_the_ring_even_if_it_is_discarded(uint header)
    {
        using UserRingEcho echo = new(1 << 25);
        echo.Ring.Dispose();
        echo.Scribble((1 << 24) + 8, header);
        Assert.Equal(-Errno.E2BIG, echo.Drain());
        Assert.Equal(-Errno.E2BIG, echo.Drain());
    }

    [KernelFact(Needs.Bpf)]
    public void One_drain_hands_out_at_most_131072_records()
    {
        const int most = 131_072;
        using UserRingEcho echo = new(8 * most * 2);
        for (int i = 0; i < most + 5; i++)
        {
            if (!echo.Ring.TryWrite([]))
                Assert.Fail($"record {i} did not fit");
        }

        Assert.Equal(most, echo.DrainTo(static _ => { }));
        Assert.Equal(5, echo.DrainTo(static _ => { }));
    }
}
