using PerfRing.Abi;

namespace PerfRing.Testing;

internal sealed unsafe partial class FakePerfRing
{
    private ulong LostSize => PerfEventHeader.Length + 16 + Origin.Layout.TrailerSize;

    /// <summary>Bytes of ring that a sample takes.</summary>
    internal uint SizeOf(in FakeSample sample) =>
        Origin.Layout.SampleSize((uint)sample.Payload.Length)
        + (Has(SampleFields.CallChain) ? 8u * (uint)sample.Callers.Length : 0);

    /// <summary>Writes a sample.</summary>
    /// <returns>Whether there was room for it.</returns>
    internal bool Write(in FakeSample sample)
    {
        uint size = SizeOf(sample);
        if (!TryBegin(size, sample.Time))
            return false;

        PutSample(sample, size);
        Publish();
        return true;
    }

    /// <summary>Writes a sample of default fields with so many bytes of payload.</summary>
    internal bool Write(int payload) => Write(new FakeSample { Payload = new byte[payload] });

    /// <summary>Writes a sample without asking for room, also one that fills the ring to its last byte.</summary>
    internal void Force(in FakeSample sample)
    {
        PutSample(sample, SizeOf(sample));
        Publish();
    }

    /// <summary>Writes a loss notice that says what it is told, whatever was refused.</summary>
    /// <param name="count">What it says.</param>
    /// <param name="from">What the trailer takes its fields from; the event id is in the body, too.</param>
    internal void WriteLost(ulong count, FakeSample from = default)
    {
        PutLost(count, from);
        Publish();
    }

    /// <summary>Writes the notice of samples that hardware dropped.</summary>
    internal void WriteLostSamples(ulong count, FakeSample from = default)
    {
        Put(Header((uint)RecordKind.LostSamples, PerfEventHeader.Length + 8 + Origin.Layout.TrailerSize));
        Put(count);
        PutTrailer(from);
        Publish();
    }

    /// <summary>Writes a record of any type, with the trailer that the layout asks for.</summary>
    /// <param name="type">Any; the reader delivers types that it does not know.</param>
    /// <param name="body">A multiple of 8.</param>
    /// <param name="from">What the trailer takes its fields from.</param>
    internal void WriteOther(uint type, ReadOnlySpan<byte> body, FakeSample from = default)
    {
        Put(Header(type, (uint)(PerfEventHeader.Length + body.Length) + Origin.Layout.TrailerSize));
        Put(body);
        PutTrailer(from);
        Publish();
    }

    /// <summary>Writes bytes as they are; the head moves by their length.</summary>
    internal void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        Put(bytes);
        Publish();
    }

    private static ulong Header(uint type, uint size) => type | ((ulong)size << 48);

    private static ulong Pair(int low, int high) => (uint)low | ((ulong)(uint)high << 32);

    // HasFlag allocates until the method is compiled with optimizations, and tests that allow no allocation write records.
    private bool Has(SampleFields field) => (Origin.Layout.Fields & field) != 0;

    /// <summary>Writes the fields in the order of perf_output_sample (kernel/events/core.c).</summary>
    private void PutSample(in FakeSample sample, uint size)
    {
        ulong end = _head + size;
        Put(Header((uint)RecordKind.Sample, size));
        PutIf(SampleFields.EventId, sample.EventId);
        PutIf(SampleFields.InstructionPointer, sample.InstructionPointer);
        PutIf(SampleFields.ThreadId, Pair(sample.ProcessId, sample.ThreadId));
        PutIf(SampleFields.Time, sample.Time);
        PutIf(SampleFields.Address, sample.Address);
        PutIf(SampleFields.Cpu, Pair(sample.Cpu, 0));
        PutIf(SampleFields.Period, sample.Period);
        if (Has(SampleFields.CallChain))
        {
            Put((ulong)sample.Callers.Length);
            foreach (ulong caller in sample.Callers)
                Put(caller);
        }

        if (!Has(SampleFields.Raw))
            return;

        // The size covers the padding, and the padding keeps what was there before: as the kernel does it.
        uint raw = (uint)(end - _head) - sizeof(uint);
        Put(new ReadOnlySpan<byte>(&raw, sizeof(uint)));
        Put(sample.Payload);
        _head = end;
    }

    private void PutLost(ulong count, in FakeSample from)
    {
        Put(Header((uint)RecordKind.Lost, (uint)LostSize));
        Put(from.EventId);
        Put(count);
        PutTrailer(from);
    }

    /// <summary>Writes what sample_id_all puts behind the other kinds, in the order of __perf_event__output_id_sample.</summary>
    private void PutTrailer(in FakeSample from)
    {
        PutIf(SampleFields.ThreadId, Pair(from.ProcessId, from.ThreadId));
        PutIf(SampleFields.Time, from.Time);
        PutIf(SampleFields.Cpu, Pair(from.Cpu, 0));
        PutIf(SampleFields.EventId, from.EventId);
    }

    private void PutIf(SampleFields field, ulong word)
    {
        if (Has(field))
            Put(word);
    }
}
