using System.Numerics;
using PerfRing.Abi;

namespace PerfRing;

/// <summary>Where the fields of a perf record lie, computed once from the fields that were asked for.</summary>
/// <remarks>
/// In the order of perf_output_sample (kernel/events/core.c); each is there only if it was asked for:
/// <code>
///   sample:  header 8 | id 8 | ip 8 | pid 4 tid 4 | time 8 | addr 8 | cpu 4 reserved 4 | period 8
///            | nr 8, ips 8 * nr | size 4, payload, padding to 8
///   other:   header 8 | body | pid 4 tid 4 | time 8 | cpu 4 reserved 4 | id 8      (sample_id_all)
/// </code>
/// Everything up to the call chain is at a fixed offset. Behind it the payload is located record by record.
/// </remarks>
internal sealed unsafe class SampleLayout
{
    internal const int Absent = -1;

    /// <summary>For records that are nothing but a header and a payload.</summary>
    internal static readonly SampleLayout PayloadOnly = new(SampleFields.None);

    internal SampleLayout(SampleFields fields)
    {
        Fields = fields;
        int offset = PerfEventHeader.Length;
        EventIdOffset = Next(SampleFields.EventId);
        InstructionPointerOffset = Next(SampleFields.InstructionPointer);
        ThreadIdOffset = Next(SampleFields.ThreadId);
        TimeOffset = Next(SampleFields.Time);
        AddressOffset = Next(SampleFields.Address);
        CpuOffset = Next(SampleFields.Cpu);
        PeriodOffset = Next(SampleFields.Period);
        CallChainOffset = Next(SampleFields.CallChain);
        bool raw = fields.HasFlag(SampleFields.Raw);
        RawOffset = raw && CallChainOffset == Absent ? offset : Absent;
        WalksToRaw = raw && CallChainOffset != Absent;
        MinimumSize = (uint)(raw ? offset + 8 : offset);

        // The trailer of the other kinds, as distances from the record's end.
        int distance = 0;
        TrailerEventIdDistance = Back(SampleFields.EventId);
        TrailerCpuDistance = Back(SampleFields.Cpu);
        TrailerTimeDistance = Back(SampleFields.Time);
        TrailerThreadIdDistance = Back(SampleFields.ThreadId);
        TrailerSize = (uint)distance;

        int Next(SampleFields field)
        {
            if (!fields.HasFlag(field))
                return Absent;

            int at = offset;
            offset += 8;
            return at;
        }

        int Back(SampleFields field) => fields.HasFlag(field) ? distance += 8 : Absent;
    }

    internal SampleFields Fields { get; }

    internal int EventIdOffset { get; }

    internal int InstructionPointerOffset { get; }

    internal int ThreadIdOffset { get; }

    internal int TimeOffset { get; }

    internal int AddressOffset { get; }

    internal int CpuOffset { get; }

    internal int PeriodOffset { get; }

    internal int CallChainOffset { get; }

    /// <summary>The offset of the payload's size word, when nothing of variable size comes before it.</summary>
    internal int RawOffset { get; }

    /// <summary>Whether the payload is there, behind a field of variable size.</summary>
    internal bool WalksToRaw { get; }

    /// <summary>The smallest sample that holds all fixed fields, and the size words of the variable ones.</summary>
    internal uint MinimumSize { get; }

    internal uint TrailerSize { get; }

    internal int TrailerThreadIdDistance { get; }

    internal int TrailerTimeDistance { get; }

    internal int TrailerCpuDistance { get; }

    internal int TrailerEventIdDistance { get; }

    /// <summary>The smallest multiple of 8 that a sample with so many bytes of payload takes in the ring.</summary>
    internal uint SampleSize(uint payload) =>
        RawOffset == Absent && !WalksToRaw ? MinimumSize : MinimumSize - 8 + ((4 + payload + 7) & ~7u);

    /// <summary>Finds the payload of a sample and checks all its lengths against the sample's size.</summary>
    /// <param name="sample">The sample's first byte.</param>
    /// <param name="size">Its size, already checked to lie within memory that may be read.</param>
    /// <param name="payload">Where the payload begins, from the sample's first byte.</param>
    /// <param name="length">The bytes of payload, padding included.</param>
    /// <returns>False if the lengths contradict each other: the bytes are no sample of this layout.</returns>
    internal bool TryLocatePayload(byte* sample, uint size, out uint payload, out uint length)
    {
        payload = length = 0;
        if (size < MinimumSize)
            return false;

        uint raw = (uint)RawOffset;
        if (CallChainOffset != Absent)
        {
            // SAFETY: MinimumSize covers the count. It is read once and compared by division, so that it can't overflow.
            ulong callers = *(ulong*)(sample + CallChainOffset);
            uint first = (uint)CallChainOffset + 8;
            if (callers > (size - first) / 8)
                return false;

            raw = first + ((uint)callers * 8);
        }

        if (RawOffset == Absent && !WalksToRaw)
            return true;

        if (raw + 4 > size)
            return false;

        // SAFETY: the size word ends within the sample, by the line above; it is read once.
        length = *(uint*)(sample + raw);
        payload = raw + 4;
        return length <= size - payload;
    }

    /// <summary>A readable list for errors: the fields that a record lacks.</summary>
    internal static string Describe(SampleFields fields) =>
        BitOperations.PopCount((uint)fields) == 0 ? "none" : fields.ToString();
}
