using System.Runtime.InteropServices;

namespace PerfRing.Testing;

/// <summary>bpf(2) commands that only tests use: the library itself creates neither maps nor programs.</summary>
internal static class BpfTestCommand
{
    internal const int MapCreate = 0;
    internal const int ProgramLoad = 5;
    internal const int ProgramTestRun = 10;
    internal const int BtfLoad = 18;
}

/// <summary><c>union bpf_attr</c> for BPF_MAP_CREATE.</summary>
[StructLayout(LayoutKind.Explicit, Size = Length)]
internal unsafe struct BpfMapCreateAttr
{
    internal const int Length = 48;
    internal const int NameLength = 16;

    [FieldOffset(0)] internal BpfMapType Type;
    [FieldOffset(4)] internal uint KeySize;
    [FieldOffset(8)] internal uint ValueSize;
    [FieldOffset(12)] internal uint MaxEntries;
    [FieldOffset(16)] internal uint Flags;
    [FieldOffset(20)] internal int InnerMapFd;
    [FieldOffset(28)] internal fixed byte Name[NameLength];
}

/// <summary><c>union bpf_attr</c> for BPF_PROG_LOAD.</summary>
[StructLayout(LayoutKind.Explicit, Size = Length)]
internal unsafe struct BpfProgramLoadAttr
{
    internal const int Length = 96;
    internal const int NameLength = 16;

    /// <summary>BPF_PROG_TYPE_RAW_TRACEPOINT.</summary>
    internal const uint TypeRawTracepoint = 17;

    [FieldOffset(0)] internal uint Type;
    [FieldOffset(4)] internal uint InstructionCount;
    [FieldOffset(8)] internal ulong Instructions;
    [FieldOffset(16)] internal ulong License;
    [FieldOffset(24)] internal uint LogLevel;
    [FieldOffset(28)] internal uint LogSize;
    [FieldOffset(32)] internal ulong LogBuffer;
    [FieldOffset(48)] internal fixed byte Name[NameLength];
    [FieldOffset(72)] internal int BtfFd;
    [FieldOffset(76)] internal uint FunctionInfoSize;
    [FieldOffset(80)] internal ulong FunctionInfo;
    [FieldOffset(88)] internal uint FunctionInfoCount;
}

/// <summary><c>union bpf_attr</c> for BPF_BTF_LOAD.</summary>
[StructLayout(LayoutKind.Explicit, Size = Length)]
internal struct BpfBtfLoadAttr
{
    internal const int Length = 32;

    [FieldOffset(0)] internal ulong Btf;
    [FieldOffset(8)] internal ulong LogBuffer;
    [FieldOffset(16)] internal uint BtfSize;
    [FieldOffset(20)] internal uint LogSize;
    [FieldOffset(24)] internal uint LogLevel;
}

/// <summary><c>struct bpf_func_info</c>: the BTF type of the function that begins at an instruction.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct BpfFunctionInfo(uint Instruction, uint TypeId);

/// <summary><c>union bpf_attr</c> for BPF_PROG_TEST_RUN.</summary>
[StructLayout(LayoutKind.Explicit, Size = Length)]
internal struct BpfProgramTestRunAttr
{
    internal const int Length = 80;

    /// <summary>BPF_F_TEST_RUN_ON_CPU.</summary>
    internal const uint FlagOnCpu = 1;

    [FieldOffset(0)] internal int ProgramFd;
    [FieldOffset(4)] internal uint ReturnValue;
    [FieldOffset(40)] internal uint ContextSizeIn;
    [FieldOffset(48)] internal ulong ContextIn;
    [FieldOffset(64)] internal uint Flags;
    [FieldOffset(68)] internal uint Cpu;
}
