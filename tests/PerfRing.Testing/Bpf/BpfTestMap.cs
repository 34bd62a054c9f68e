using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using PerfRing.Abi;
using PerfRing.Interop;

namespace PerfRing.Testing;

/// <summary>A BPF map made for one test. Keys, where the type has them, are 32-bit indexes.</summary>
/// <remarks>Closing the descriptor through which slots of a perf event array were filled empties those slots: keep the map
/// for as long as records have to arrive.</remarks>
internal sealed unsafe class BpfTestMap : IDisposable
{
    private BpfTestMap(
        BpfMapType type, uint keySize, uint valueSize, uint maxEntries, uint flags, BpfTestMap? inner = null, string name = "")
    {
        Type = type;
        ValueSize = (int)valueSize;
        MaxEntries = (int)maxEntries;

        BpfMapCreateAttr attr = new()
        {
            Type = type,
            KeySize = keySize,
            ValueSize = valueSize,
            MaxEntries = maxEntries,
            Flags = flags,
            InnerMapFd = inner?.Descriptor.Number ?? 0,
        };
        Encoding.ASCII.GetBytes(name, new Span<byte>(attr.Name, BpfMapCreateAttr.NameLength - 1));

        // SAFETY: attr is a local of the length given; the kernel reads it during the call only.
        int result = Shim.Bpf(BpfTestCommand.MapCreate, &attr, BpfMapCreateAttr.Length, out int fd);
        Errno.ThrowIfFailed(
            result, "bpf(BPF_MAP_CREATE)", $"{type}, {maxEntries} entries of {valueSize} bytes; needs CAP_BPF and CAP_PERFMON");
        Descriptor = new Descriptor(fd);
    }

    /// <summary>A map that somebody else made.</summary>
    private BpfTestMap(Descriptor descriptor)
    {
        Descriptor = descriptor;
        Errno.ThrowIfFailed(BpfCall.GetInfo(descriptor, out BpfMapInfo info), "bpf(BPF_OBJ_GET_INFO_BY_FD)", "a pinned map");
        Type = (BpfMapType)info.Type;
        ValueSize = (int)info.ValueSize;
        MaxEntries = (int)info.MaxEntries;
    }

    internal Descriptor Descriptor { get; }

    internal BpfMapType Type { get; }

    /// <summary>Bytes of one value, as the map was created.</summary>
    internal int ValueSize { get; }

    internal int MaxEntries { get; }

    /// <summary>Bytes of one element in a lookup or update: on a per-CPU map, a rounded value for each possible CPU.</summary>
    internal int ElementSize => Type == BpfMapType.PerCpuArray ? PerCpuStride * MachineCpus.Possible.Length : ValueSize;

    /// <summary>From one CPU's value to the next in an element of a per-CPU map.</summary>
    internal int PerCpuStride => (ValueSize + 7) & ~7;

    /// <summary>The number by which the kernel and bpftool know the map.</summary>
    internal uint Id
    {
        get
        {
            BpfMapInfo info = default;
            BpfInfoAttr attr = new()
            {
                BpfFd = Descriptor.Number,
                InfoLength = BpfMapInfo.Length,
                Info = (ulong)&info,
            };

            // SAFETY: attr and info are locals; the kernel writes at most InfoLength bytes to info.
            int result = Shim.Bpf(Abi.Bpf.ObjectGetInfoByFd, &attr, (uint)sizeof(BpfInfoAttr), out _);
            Errno.ThrowIfFailed(result, "bpf(BPF_OBJ_GET_INFO_BY_FD)", "asking for the id of a map");
            return info.Id;
        }
    }

    internal static BpfTestMap Array(int valueSize, int maxEntries) =>
        new(BpfMapType.Array, sizeof(uint), (uint)valueSize, (uint)maxEntries, 0);

    /// <param name="valueSize">Bytes of each CPU's value.</param>
    /// <param name="maxEntries">How many elements.</param>
    /// <param name="name">At most 15 letters, digits, dots and underscores.</param>
    internal static BpfTestMap PerCpuArray(int valueSize, int maxEntries, string name = "") =>
        new(BpfMapType.PerCpuArray, sizeof(uint), (uint)valueSize, (uint)maxEntries, 0, name: name);

    /// <param name="maxEntries">By default a slot for every id that a CPU of this machine can have.</param>
    /// <param name="flags">Map flags of <c>linux/bpf.h</c>.</param>
    /// <param name="name">At most 15 letters, digits, dots and underscores.</param>
    internal static BpfTestMap PerfEventArray(int? maxEntries = null, uint flags = 0, string name = "") =>
        new(BpfMapType.PerfEventArray, sizeof(uint), sizeof(uint), (uint)(maxEntries ?? MachineCpus.IdLimit), flags, name: name);

    /// <param name="bytes">A power of two and a multiple of the page size, or the kernel answers EINVAL.</param>
    /// <param name="flags">Map flags of <c>linux/bpf.h</c>.</param>
    /// <param name="name">At most 15 letters, digits, dots and underscores.</param>
    internal static BpfTestMap RingBuffer(int bytes, uint flags = 0, string name = "") =>
        new(BpfMapType.RingBuffer, 0, 0, (uint)bytes, flags, name: name);

    /// <summary>A map that a program of the system has pinned.</summary>
    internal static BpfTestMap OpenPinned(string path)
    {
        Errno.ThrowIfFailed(BpfCall.OpenPinned(path, out int fd), "bpf(BPF_OBJ_GET)", path);
        return new BpfTestMap(new Descriptor(fd));
    }

    /// <summary>A ring that user space writes, with the same rule for its size.</summary>
    internal static BpfTestMap UserRingBuffer(int bytes) => new(BpfMapType.UserRingBuffer, 0, 0, (uint)bytes, 0);

    /// <summary>An array of maps that are like one: the same type and size.</summary>
    internal static BpfTestMap ArrayOfMaps(int maxEntries, BpfTestMap inner) =>
        new(BpfMapType.ArrayOfMaps, sizeof(uint), sizeof(uint), (uint)maxEntries, 0, inner);

    /// <summary>Puts a map into a slot of an array of maps.</summary>
    internal void Update(uint key, BpfTestMap inner) => Update(key, inner.Descriptor.Number);

    /// <summary>Copies an element, of <see cref="ElementSize"/> bytes, out of the map.</summary>
    internal void Lookup(uint key, Span<byte> value)
    {
        RequireElement(value.Length);
        fixed (byte* pinned = value)
        {
            // SAFETY: pinned has room for the element, whose length was checked above.
            int result = Element(Abi.Bpf.MapLookupElement, key, pinned, 0);
            if (result != 0)
                Errno.Throw(result, "bpf(BPF_MAP_LOOKUP_ELEM)", $"element {key} of {Type}");
        }
    }

    internal T Lookup<T>(uint key)
        where T : unmanaged
    {
        Unsafe.SkipInit(out T value);
        Lookup(key, MemoryMarshal.AsBytes(new Span<T>(ref value)));
        return value;
    }

    /// <summary>Copies an element, of <see cref="ElementSize"/> bytes, into the map.</summary>
    internal void Update(uint key, ReadOnlySpan<byte> value, ulong flags = 0)
    {
        RequireElement(value.Length);
        fixed (byte* pinned = value)
        {
            // SAFETY: pinned holds the whole element, whose length was checked above; the kernel only reads it.
            int result = Element(Abi.Bpf.MapUpdateElement, key, pinned, flags);
            if (result != 0)
                Errno.Throw(result, "bpf(BPF_MAP_UPDATE_ELEM)", $"element {key} of {Type}");
        }
    }

    internal void Update<T>(uint key, T value)
        where T : unmanaged => Update(key, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>Puts a perf event in the slot of a perf event array.</summary>
    internal void Update(uint key, Descriptor perfEvent) => Update(key, perfEvent.Number);

    /// <summary>Takes an element out; false if the slot was empty.</summary>
    internal bool Delete(uint key)
    {
        int result = Element(Abi.Bpf.MapDeleteElement, key, null, 0);
        if (result is not (0 or -Errno.ENOENT))
            Errno.Throw(result, "bpf(BPF_MAP_DELETE_ELEM)", $"element {key} of {Type}");
        return result == 0;
    }

    /// <summary>Gives the map a name in a bpffs, which keeps it alive until the file is removed.</summary>
    internal void Pin(string path)
    {
        fixed (byte* pathname = Encoding.UTF8.GetBytes(path + '\0'))
        {
            BpfObjectAttr attr = new() { Pathname = (ulong)pathname, BpfFd = Descriptor.Number };

            // SAFETY: attr is a local and the path is pinned and zero-terminated.
            int result = Shim.Bpf(Abi.Bpf.ObjectPin, &attr, (uint)sizeof(BpfObjectAttr), out _);
            Errno.ThrowIfFailed(result, "bpf(BPF_OBJ_PIN)", $"{path} must be a new file in a mounted bpffs");
        }
    }

    public void Dispose() => Descriptor.Dispose();

    private int Element(int command, uint key, byte* value, ulong flags)
    {
        BpfMapElementAttr attr = new()
        {
            MapFd = Descriptor.Number,
            Key = (ulong)&key,
            Value = (ulong)value,
            Flags = flags,
        };

        // SAFETY: attr and key are locals; the caller answers for value.
        return Shim.Bpf(command, &attr, (uint)sizeof(BpfMapElementAttr), out _);
    }

    /// <summary>The kernel moves whole elements whatever the caller's buffer holds, so a short one must not reach it.</summary>
    private void RequireElement(int length)
    {
        if (length != ElementSize)
            throw new ArgumentException($"An element of this {Type} has {ElementSize} bytes, not {length}.");
    }
}
