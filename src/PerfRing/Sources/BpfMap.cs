using System.Runtime.InteropServices;
using PerfRing.Abi;
using PerfRing.Interop;

namespace PerfRing;

/// <summary>A BPF map of the kernel, held by a descriptor.</summary>
/// <remarks>Thread-safe but for <see cref="Dispose"/>. Needs CAP_BPF, or root (bpf(2), capabilities(7)).</remarks>
public sealed partial class BpfMap : IDisposable
{
    private const string Rights = "needs CAP_BPF (or root)";

    /// <summary>How often a map may go between the look at its slot and opening it.</summary>
    private const int InnerAttempts = 10;

    private BpfMap(Descriptor fd, bool isOwnFile)
    {
        Descriptor = fd;
        IsOwnFile = isOwnFile;
        try
        {
            Errno.ThrowIfFailed(
                BpfCall.GetInfo(fd, out BpfMapInfo info), "bpf(BPF_OBJ_GET_INFO_BY_FD)", "the descriptor is not one of a BPF map");
            Type = info.Type;
            ValueSize = info.ValueSize;
            Overwrites = info.Type == Bpf.MapTypeRingBuffer && (info.MapFlags & Bpf.MapFlagOverwrite) != 0;
            Id = info.Id;
            KeepsElements = (info.MapFlags & Bpf.MapFlagPreserveElements) != 0;
            MaximumEntries = info.MaxEntries;
            Name = BpfCall.Name(info);
        }
        catch
        {
            fd.Dispose();
            throw;
        }
    }

    /// <summary>The kind, as in <c>enum bpf_map_type</c>: 4 is a perf event array, 27 a ring buffer, 31 a user ring
    /// buffer.</summary>
    public uint Type { get; }

    /// <summary>The kernel's id of the map.</summary>
    public uint Id { get; }

    /// <summary>Slots of a perf event array; bytes of a ring buffer.</summary>
    public uint MaximumEntries { get; }

    /// <summary>The name given at creation, at most 15 bytes; may be empty.</summary>
    public string Name { get; }

    internal Descriptor Descriptor { get; }

    /// <summary>Bytes of one value.</summary>
    internal uint ValueSize { get; }

    /// <summary>Whether it is a ring buffer in which the newest records replace the oldest (BPF_F_RB_OVERWRITE, Linux
    /// 6.19).</summary>
    public bool Overwrites { get; }

    /// <summary>A map of which this process holds a descriptor, from libbpf or another library.</summary>
    /// <param name="fd">Stays the caller's; it is duplicated, and may be closed.</param>
    /// <exception cref="SystemCallException">The descriptor is not open, or not one of a map.</exception>
    public static BpfMap FromDescriptor(int fd)
    {
        ShimLibrary.Require();
        return new BpfMap(Descriptor.Duplicate(fd), isOwnFile: false);
    }

    /// <inheritdoc cref="FromDescriptor(int)"/>
    public static BpfMap FromDescriptor(SafeHandle fd)
    {
        ArgumentNullException.ThrowIfNull(fd);
        bool held = false;
        try
        {
            fd.DangerousAddRef(ref held);
            return FromDescriptor((int)fd.DangerousGetHandle());
        }
        finally
        {
            if (held)
                fd.DangerousRelease();
        }
    }

    /// <summary>A map that is pinned in a BPF file system.</summary>
    /// <param name="path">Such as <c>/sys/fs/bpf/events</c>.</param>
    /// <exception cref="SystemCallException">There is no such file (ENOENT), no right to it (EACCES, EPERM), or it is not in a
    /// BPF file system (EINVAL).</exception>
    public static BpfMap OpenPinned(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ShimLibrary.Require();
        int result = BpfCall.OpenPinned(path, out int fd);
        Errno.ThrowIfFailed(result, "bpf(BPF_OBJ_GET)", -result switch
        {
            Errno.ENOENT => $"nothing is pinned at {path}",
            Errno.EINVAL => $"{path} is not in a BPF file system (mount -t bpf bpf /sys/fs/bpf)",
            _ => $"{path}: {Rights} and the file's permissions",
        });
        return new BpfMap(new Descriptor(fd), isOwnFile: true);
    }

    /// <summary>A map by its id, as <c>bpftool map</c> lists them.</summary>
    /// <param name="id">The kernel's id.</param>
    /// <exception cref="SystemCallException">There is no such map (ENOENT), or no right to open it by id (EPERM: needs
    /// CAP_SYS_ADMIN).</exception>
    public static BpfMap OpenById(uint id)
    {
        ShimLibrary.Require();
        int result = BpfCall.OpenMapById(id, out int fd);
        Errno.ThrowIfFailed(result, "bpf(BPF_MAP_GET_FD_BY_ID)", -result switch
        {
            Errno.ENOENT => $"no BPF map has the id {id}",
            Errno.EPERM => "opening a map by its id needs CAP_SYS_ADMIN (or root); a pinned map needs CAP_BPF only",
            _ => $"map {id}",
        });
        return new BpfMap(new Descriptor(fd), isOwnFile: true);
    }

    /// <summary>Closes the descriptor. Readers that were opened with this map have their own.</summary>
    public void Dispose() => Descriptor.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"BPF map {Id}{(Name.Length == 0 ? "" : $" ({Name})")}";

    /// <summary>Whether slots stay filled when the file that filled them is closed.</summary>
    internal bool KeepsElements { get; }

    /// <summary>Whether nobody else has a descriptor of the open file behind this one.</summary>
    internal bool IsOwnFile { get; }

    /// <summary>The same map, held independently. The kernel empties the slots of a perf event array when the file that filled
    /// them is closed: with a file of our own, exactly those are emptied. Where opening by id is not allowed, a second
    /// descriptor of the same file, which keeps it open.</summary>
    internal BpfMap Reopen() => BpfCall.OpenMapById(Id, out int fd) == 0
        ? new BpfMap(new Descriptor(fd), isOwnFile: true)
        : FromDescriptor(Descriptor);

    /// <summary>The map in a slot of an array of maps (BPF_MAP_TYPE_ARRAY_OF_MAPS).</summary>
    /// <param name="slot">From 0; in an array with a ring buffer for each CPU, the CPU's id.</param>
    /// <returns>Null if the slot is empty, or there is no such slot. To be disposed by the caller.</returns>
    /// <exception cref="InvalidOperationException">The map is of another type.</exception>
    /// <exception cref="SystemCallException">No right to it (EPERM: needs CAP_SYS_ADMIN).</exception>
    public BpfMap? OpenInner(uint slot)
    {
        // The kernel writes a whole value, which in a map of another type is longer than an id.
        if (Type != Bpf.MapTypeArrayOfMaps)
            throw new InvalidOperationException($"{this} is no array of maps: its type is {Type}.");

        // What a look at such a slot returns is the id of the map that is in it.
        Span<byte> value = stackalloc byte[sizeof(uint)];
        for (int attempt = 1; ; attempt++)
        {
            int result = BpfCall.Lookup(Descriptor, slot, value);
            if (result == -Errno.ENOENT)
                return null;

            Errno.ThrowIfFailed(result, "bpf(BPF_MAP_LOOKUP_ELEM)", $"looking at slot {slot} of {this}; {Rights}");
            uint id = BitConverter.ToUInt32(value);
            try
            {
                return OpenById(id);
            }
            catch (SystemCallException e) when (e.Errno == Errno.ENOENT && attempt < InnerAttempts)
            {
                // Another map was put there, or none, and this one is gone: look again.
            }
        }
    }

    /// <summary>One element of a per-CPU array of 64-bit numbers.</summary>
    /// <param name="key">The element.</param>
    /// <param name="values">Room for one of each possible CPU, in the order of their ids.</param>
    internal void ReadPerCpu(uint key, Span<ulong> values) => Errno.ThrowIfFailed(
        BpfCall.Lookup(Descriptor, key, MemoryMarshal.AsBytes(values)),
        "bpf(BPF_MAP_LOOKUP_ELEM)", $"reading element {key} of {this}; {Rights}");

    /// <summary>Puts an event into the slot of a CPU.</summary>
    internal void Fill(int cpu, Descriptor perfEvent)
    {
        RequireSlot(cpu);
        Errno.ThrowIfFailed(BpfCall.Update(Descriptor, cpu, perfEvent.Number), "bpf(BPF_MAP_UPDATE_ELEM)",
            $"filling the slot of CPU {cpu} of {this}; {Rights}");
    }

    /// <exception cref="InvalidOperationException">There is no slot for that CPU.</exception>
    internal void RequireSlot(int cpu)
    {
        if ((uint)cpu >= MaximumEntries)
        {
            throw new InvalidOperationException(
                $"{this} has {MaximumEntries} slots and none for CPU {cpu}: create it with one for each possible CPU, "
                + "or read other CPUs only.");
        }
    }

    /// <summary>Empties the slot of a CPU, if something is in it.</summary>
    internal void Empty(int cpu) =>
        Errno.ThrowIfFailed(TryEmpty(cpu), "bpf(BPF_MAP_DELETE_ELEM)", $"emptying the slot of CPU {cpu} of {this}");

    /// <summary>The same, for when there is nobody to tell.</summary>
    /// <returns>0, also if it was empty; or -errno.</returns>
    internal int TryEmpty(int cpu)
    {
        int result = BpfCall.Delete(Descriptor, cpu);
        return result == -Errno.ENOENT ? 0 : result;
    }
}
