using System.Runtime.InteropServices;

namespace PerfRing.Abi;

/// <summary><c>struct perf_event_attr</c> up to PERF_ATTR_SIZE_VER5, which every kernel since 4.1 accepts.</summary>
[StructLayout(LayoutKind.Explicit, Size = Length)]
internal struct PerfEventAttr
{
    internal const int Length = 112;

    [FieldOffset(0)] internal uint Type;
    [FieldOffset(4)] internal uint Size;
    [FieldOffset(8)] internal ulong Config;

    /// <summary>Also sample_freq, chosen by <see cref="AttrFlags.Frequency"/>.</summary>
    [FieldOffset(16)] internal ulong SamplePeriod;
    [FieldOffset(24)] internal ulong SampleType;
    [FieldOffset(32)] internal ulong ReadFormat;
    [FieldOffset(40)] internal AttrFlags Flags;

    /// <summary>Also wakeup_watermark, chosen by <see cref="AttrFlags.Watermark"/>.</summary>
    [FieldOffset(48)] internal uint WakeupEvents;
    [FieldOffset(52)] internal uint BreakpointType;
    [FieldOffset(56)] internal ulong Config1;
    [FieldOffset(64)] internal ulong Config2;
    [FieldOffset(72)] internal ulong BranchSampleType;
    [FieldOffset(80)] internal ulong SampleRegsUser;
    [FieldOffset(88)] internal uint SampleStackUser;
    [FieldOffset(92)] internal int ClockId;
    [FieldOffset(96)] internal ulong SampleRegsInterrupt;
    [FieldOffset(104)] internal uint AuxWatermark;
    [FieldOffset(108)] internal ushort SampleMaxStack;
}
