using System.Text;
using PerfRing.Abi;

namespace PerfRing.Interop;

/// <summary>The commands of bpf(2) that concern maps. Each returns 0 or -errno.</summary>
internal static unsafe class BpfCall
{
    internal static int OpenPinned(string path, out int fd)
    {
        byte[] name = Encoding.UTF8.GetBytes(path + '\0');
        fixed (byte* pathname = name)
        {
            BpfObjectAttr attr = new() { Pathname = (ulong)pathname };
            return Shim.Bpf(Bpf.ObjectGet, &attr, (uint)sizeof(BpfObjectAttr), out fd);
        }
    }

    internal static int OpenMapById(uint id, out int fd)
    {
        BpfIdAttr attr = new() { Id = id };
        return Shim.Bpf(Bpf.MapGetFdById, &attr, (uint)sizeof(BpfIdAttr), out fd);
    }

    /// <summary>The lowest id above another; -ENOENT where there is none.</summary>
    internal static int NextMapId(uint id, out uint next)
    {
        BpfIdAttr attr = new() { Id = id };
        int result = Shim.Bpf(Bpf.MapGetNextId, &attr, (uint)sizeof(BpfIdAttr), out _);
        next = attr.NextId;
        return result;
    }

    internal static int GetInfo(Descriptor map, out BpfMapInfo info)
    {
        fixed (BpfMapInfo* into = &info)
        {
            *into = default;
            BpfInfoAttr attr = new() { BpfFd = map.Number, InfoLength = BpfMapInfo.Length, Info = (ulong)into };
            return Shim.Bpf(Bpf.ObjectGetInfoByFd, &attr, (uint)sizeof(BpfInfoAttr), out _);
        }
    }

    internal static int Update(Descriptor map, int key, int value)
    {
        BpfMapElementAttr attr = new() { MapFd = map.Number, Key = (ulong)&key, Value = (ulong)&value };
        return Shim.Bpf(Bpf.MapUpdateElement, &attr, (uint)sizeof(BpfMapElementAttr), out _);
    }

    /// <summary>Copies an element; the span has room for a value, or in a per-CPU map for one of each possible CPU.</summary>
    internal static int Lookup(Descriptor map, uint key, Span<byte> value)
    {
        fixed (byte* into = value)
        {
            BpfMapElementAttr attr = new() { MapFd = map.Number, Key = (ulong)&key, Value = (ulong)into };
            return Shim.Bpf(Bpf.MapLookupElement, &attr, (uint)sizeof(BpfMapElementAttr), out _);
        }
    }

    internal static int Delete(Descriptor map, int key)
    {
        BpfMapElementAttr attr = new() { MapFd = map.Number, Key = (ulong)&key };
        return Shim.Bpf(Bpf.MapDeleteElement, &attr, (uint)sizeof(BpfMapElementAttr), out _);
    }

    /// <summary>The name that the map was created with, at most 15 bytes.</summary>
    internal static string Name(in BpfMapInfo info)
    {
        fixed (byte* name = info.Name)
            return Encoding.UTF8.GetString(new ReadOnlySpan<byte>(name, BpfMapInfo.NameLength).TrimEnd((byte)0));
    }
}
