using System.Runtime.InteropServices;

namespace PerfRing.Abi;

/// <summary>The front of <c>union bpf_attr</c> for BPF_MAP_CREATE; what is left out counts as zero.</summary>
[StructLayout(LayoutKind.Explicit, Size = 20)]
internal struct BpfMapCreateAttr
{
    [FieldOffset(0)] internal uint Type;
    [FieldOffset(4)] internal uint KeySize;
    [FieldOffset(8)] internal uint ValueSize;
    [FieldOffset(12)] internal uint MaxEntries;
    [FieldOffset(16)] internal uint Flags;
}

/// <summary><c>union bpf_attr</c> for BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM and BPF_MAP_DELETE_ELEM.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct BpfMapElementAttr
{
    [FieldOffset(0)] internal int MapFd;
    [FieldOffset(8)] internal ulong Key;
    [FieldOffset(16)] internal ulong Value;
    [FieldOffset(24)] internal ulong Flags;
}

/// <summary><c>union bpf_attr</c> for BPF_OBJ_GET and BPF_OBJ_PIN.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct BpfObjectAttr
{
    [FieldOffset(0)] internal ulong Pathname;
    [FieldOffset(8)] internal int BpfFd;
    [FieldOffset(12)] internal uint FileFlags;
}

/// <summary><c>union bpf_attr</c> for BPF_MAP_GET_FD_BY_ID and the commands that walk ids.</summary>
[StructLayout(LayoutKind.Explicit, Size = 12)]
internal struct BpfIdAttr
{
    [FieldOffset(0)] internal uint Id;
    [FieldOffset(4)] internal uint NextId;
    [FieldOffset(8)] internal uint OpenFlags;
}

/// <summary><c>union bpf_attr</c> for BPF_OBJ_GET_INFO_BY_FD.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct BpfInfoAttr
{
    [FieldOffset(0)] internal int BpfFd;
    [FieldOffset(4)] internal uint InfoLength;
    [FieldOffset(8)] internal ulong Info;
}

/// <summary>The front of <c>struct bpf_map_info</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = Length)]
internal unsafe struct BpfMapInfo
{
    internal const int Length = 40;
    internal const int NameLength = 16;

    [FieldOffset(0)] internal uint Type;
    [FieldOffset(4)] internal uint Id;
    [FieldOffset(8)] internal uint KeySize;
    [FieldOffset(12)] internal uint ValueSize;
    [FieldOffset(16)] internal uint MaxEntries;
    [FieldOffset(20)] internal uint MapFlags;
    [FieldOffset(24)] internal fixed byte Name[NameLength];
}
