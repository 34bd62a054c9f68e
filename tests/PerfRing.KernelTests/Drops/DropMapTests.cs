using PerfRing.Testing;

namespace PerfRing.KernelTests.Drops;

/// <summary>Which maps can hold drops, and who holds them open.</summary>
[Collection(Machine.Name)]
public sealed class DropMapTests
{
    [KernelFact(Needs.Bpf)]
    public void A_map_that_has_one_count_for_all_CPUs_is_refused()
    {
        using BpfTestMap array = BpfTestMap.Array(sizeof(ulong), 1);
        Assert.Contains("per-CPU array", Refused<ArgumentException>(array).Message);
    }

    [KernelFact(Needs.Bpf)]
    public void Counts_of_32_bits_are_refused()
    {
        using BpfTestMap array = BpfTestMap.PerCpuArray(sizeof(uint), 1);
        Assert.Contains("values of 4 bytes", Refused<ArgumentException>(array).Message);
    }

    [KernelTheory(Needs.Bpf)]
    [InlineData(-1)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public void An_element_beyond_the_map_is_refused(int index)
    {
        using BpfTestMap array = BpfTestMap.PerCpuArray(sizeof(ulong), 3);
        Assert.Contains("has 3 elements", Refused<ArgumentOutOfRangeException>(array, index).Message);
    }

    [KernelFact(Needs.Bpf)]
    public void Each_map_needs_an_element()
    {
        using BpfTestMap array = BpfTestMap.PerCpuArray(sizeof(ulong), 3);
        using BpfTestMap one = BpfTestMap.RingBuffer(Environment.SystemPageSize);
        using BpfTestMap other = BpfTestMap.RingBuffer(Environment.SystemPageSize);
        using BpfMap drops = BpfMap.FromDescriptor(array.Descriptor);
        using BpfMap first = BpfMap.FromDescriptor(one.Descriptor);
        using BpfMap second = BpfMap.FromDescriptor(other.Descriptor);

        BpfRingReaderOptions fits = new() { Drops = drops, DropsIndex = 1 };
        using (BpfRingReader reader = BpfRingReader.Open([first, second], fits))
            Assert.Equal(0ul, reader.ReadLosses().Lost);

        Assert.Throws<ArgumentOutOfRangeException>(() => BpfRingReader.Open([first, second], fits with { DropsIndex = 2 }));
    }

    [KernelFact(Needs.Bpf)]
    public void The_reader_keeps_its_own_descriptor_and_gives_it_back()
    {
        using CountedRing ring = new();
        int before = ProcessResources.Now().BpfDescriptors;
        BpfRingReader reader = ring.Open();
        ring.Emit(MachineCpus.Online()[0], CountedRing.MoreThanFits);

        // The descriptor that it was opened with is closed by now.
        Assert.NotEqual(0ul, reader.ReadLosses().Lost);
        reader.Dispose();
        Assert.Equal(before, ProcessResources.Now().BpfDescriptors);
        Assert.Throws<ObjectDisposedException>(() => reader.ReadLosses());
    }

    [KernelFact(Needs.Bpf)]
    public void A_reader_that_can_not_be_opened_leaves_no_descriptor()
    {
        using CountedRing ring = new();
        using BpfRingReader owner = ring.Open();
        int before = ProcessResources.Now().BpfDescriptors;

        // The ring has its consumer; the drop map was opened before that was found.
        Assert.Throws<InvalidOperationException>(() => ring.Open());
        Assert.Equal(before, ProcessResources.Now().BpfDescriptors);
    }

    private static T Refused<T>(BpfTestMap map, int index = 0)
        where T : Exception
    {
        using CountedRing ring = new();
        using BpfMap drops = BpfMap.FromDescriptor(map.Descriptor);
        return Assert.Throws<T>(() => ring.Open(new BpfRingReaderOptions { Drops = drops, DropsIndex = index }));
    }
}
