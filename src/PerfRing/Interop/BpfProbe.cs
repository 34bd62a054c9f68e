using PerfRing.Abi;

namespace PerfRing.Interop;

/// <summary>Finds out whether the kernel makes a kind of BPF map, by making one and closing it at once.</summary>
internal static unsafe class BpfProbe
{
    /// <summary>BPF_MAP_CREATE of bpf(2). A map of a few pages, gone before this returns.</summary>
    /// <returns>0 or -errno. EINVAL is a kernel that does not know the type or a flag; EPERM hides whether it does.</returns>
    internal static int CreateMap(uint type, uint keySize, uint valueSize, uint maxEntries, uint flags)
    {
        BpfMapCreateAttr attr = new()
        {
            Type = type,
            KeySize = keySize,
            ValueSize = valueSize,
            MaxEntries = maxEntries,
            Flags = flags,
        };

        // SAFETY: attr is a local of the length given; the kernel reads it during the call only.
        int result = Shim.Bpf(Bpf.MapCreate, &attr, (uint)sizeof(BpfMapCreateAttr), out int fd);
        if (result == 0)
            new Descriptor(fd).Dispose();

        return result;
    }
}
