using PerfRing.Testing;

namespace PerfRing.KernelTests.Sources;

[Collection(Machine.Name)]
public sealed class BpfMapListingTests
{
    [KernelFact(Needs.Bpf | Needs.Root)]
    public void Every_map_is_listed_once_as_long_as_it_is_there()
    {
        uint id;
        using (BpfTestMap map = BpfTestMap.Array(8, 1))
        {
            id = map.Id;
            IReadOnlyList<uint> ids = BpfMap.ListIds();
            Assert.Contains(id, ids);
            Assert.Equal(ids.Order().Distinct(), ids);
        }

        Wait.Until(() => !BpfMap.ListIds().Contains(id), "the kernel to free the map");
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public void What_is_in_an_array_of_maps_can_be_opened()
    {
        using BpfTestMap ring = BpfTestMap.RingBuffer(4096);
        using BpfTestMap array = BpfTestMap.ArrayOfMaps(3, ring);
        array.Update(1, ring);
        using BpfMap map = BpfMap.FromDescriptor(array.Descriptor);

        using BpfMap? inner = map.OpenInner(1);
        Assert.Equal(ring.Id, inner?.Id);
        Assert.Null(map.OpenInner(0));
        Assert.Null(map.OpenInner(3));
    }

    [KernelFact(Needs.Bpf | Needs.Root)]
    public void A_map_of_values_is_not_mistaken_for_an_array_of_maps()
    {
        // Its values are longer than an id: the kernel would write over what lies behind one.
        using BpfTestMap values = BpfTestMap.Array(64, 1);
        using BpfMap map = BpfMap.FromDescriptor(values.Descriptor);

        Assert.Throws<InvalidOperationException>(() => map.OpenInner(0));
    }
}
