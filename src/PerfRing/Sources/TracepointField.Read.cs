using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace PerfRing;

// Values have the byte order of the machine that wrote them, which is this one, and PerfRing's machines are little-endian.
public sealed partial class TracepointField
{
    /// <summary>Reads a number; 0 where the payload is too short to have it.</summary>
    /// <param name="payload">A record's payload, from its common fields on.</param>
    /// <returns>The number, its sign extended when <see cref="IsSigned"/>.</returns>
    /// <exception cref="InvalidOperationException">The field is no <see cref="TracepointFieldKind.Integer"/>.</exception>
    public long ReadInt64(ReadOnlySpan<byte> payload)
    {
        RequireInteger();
        TryReadInt64(payload, out long value);
        return value;
    }

    /// <summary>Reads a number; 0 where the payload is too short to have it.</summary>
    /// <param name="payload">A record's payload, from its common fields on.</param>
    /// <returns>The bits of <see cref="ReadInt64"/>: a negative number of a signed field becomes a very large one.</returns>
    /// <exception cref="InvalidOperationException">The field is no <see cref="TracepointFieldKind.Integer"/>.</exception>
    public ulong ReadUInt64(ReadOnlySpan<byte> payload) => unchecked((ulong)ReadInt64(payload));

    /// <summary>Reads a number.</summary>
    /// <param name="payload">A record's payload, from its common fields on.</param>
    /// <param name="value">The number, its sign extended when <see cref="IsSigned"/>; 0 where there is none.</param>
    /// <returns>False when the payload is too short, or the field no <see cref="TracepointFieldKind.Integer"/>.</returns>
    public bool TryReadInt64(ReadOnlySpan<byte> payload, out long value)
    {
        value = 0;
        return Kind == TracepointFieldKind.Integer
            && TrySlice(payload, Offset, Size, out ReadOnlySpan<byte> bytes)
            && TryWiden(bytes, out value);
    }

    /// <summary>Reads a number as <see cref="TryReadInt64"/> does, and gives its bits without a sign.</summary>
    /// <param name="payload">A record's payload, from its common fields on.</param>
    /// <param name="value">The number; 0 where there is none.</param>
    /// <returns>False when the payload is too short, or the field no <see cref="TracepointFieldKind.Integer"/>.</returns>
    public bool TryReadUInt64(ReadOnlySpan<byte> payload, out ulong value)
    {
        bool read = TryReadInt64(payload, out long signed);
        value = unchecked((ulong)signed);
        return read;
    }

    /// <summary>Reads one element of an array of numbers, wherever in the record it lies.</summary>
    /// <param name="payload">A record's payload, from its common fields on.</param>
    /// <param name="index">Which element, from 0.</param>
    /// <param name="value">The number, its sign extended when <see cref="IsSigned"/>; 0 where there is none.</param>
    /// <returns>False when the field or the payload has no such element, or its elements are no numbers.</returns>
    public bool TryReadElement(ReadOnlySpan<byte> payload, int index, out long value)
    {
        value = 0;
        return IsArray && index >= 0 && TryReadBytes(payload, out ReadOnlySpan<byte> bytes) && index < bytes.Length / ElementSize
            && TryWiden(bytes.Slice(index * ElementSize, ElementSize), out value);
    }

    /// <summary>The bytes of the value: for dynamic kinds the data that the field points to. Empty where the payload has
    /// none.</summary>
    /// <param name="payload">A record's payload, from its common fields on.</param>
    /// <returns>A part of <paramref name="payload"/>, valid as long as that is.</returns>
    public ReadOnlySpan<byte> ReadBytes(ReadOnlySpan<byte> payload)
    {
        TryReadBytes(payload, out ReadOnlySpan<byte> bytes);
        return bytes;
    }

    /// <summary>The bytes of the value: for dynamic kinds the data that the field points to.</summary>
    /// <param name="payload">A record's payload, from its common fields on.</param>
    /// <param name="bytes">A part of <paramref name="payload"/>, valid as long as that is; empty where there is none.</param>
    /// <returns>False when the value doesn't lie wholly in the payload.</returns>
    public bool TryReadBytes(ReadOnlySpan<byte> payload, out ReadOnlySpan<byte> bytes)
    {
        if (IsArray && Size == 0)
            return TrySlice(payload, Offset, payload.Length - Offset, out bytes);

        if (!TrySlice(payload, Offset, Size, out bytes))
            return false;

        if (!IsDynamic)
            return true;

        // The low half says where, the high half how long (include/trace/stages in the kernel's tree). The place counts
        // from the payload's start, or for a relative one from this field's end.
        uint location = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        int start = (int)(location & 0xffff) + (IsRelative ? Offset + Size : 0);
        return TrySlice(payload, start, (int)(location >> 16), out bytes);
    }

    private bool TryWiden(ReadOnlySpan<byte> bytes, out long value)
    {
        (bool widened, value) = (bytes.Length, IsSigned) switch
        {
            (1, false) => (true, bytes[0]),
            (1, true) => (true, (sbyte)bytes[0]),
            (2, false) => (true, BinaryPrimitives.ReadUInt16LittleEndian(bytes)),
            (2, true) => (true, BinaryPrimitives.ReadInt16LittleEndian(bytes)),
            (4, false) => (true, BinaryPrimitives.ReadUInt32LittleEndian(bytes)),
            (4, true) => (true, BinaryPrimitives.ReadInt32LittleEndian(bytes)),
            (8, _) => (true, BinaryPrimitives.ReadInt64LittleEndian(bytes)),
            _ => (false, 0L),
        };
        return widened;
    }

    /// <summary>Takes a part of the payload, if it has it: start and length come from outside and may be anything.</summary>
    private static bool TrySlice(ReadOnlySpan<byte> payload, int start, int length, out ReadOnlySpan<byte> part)
    {
        bool inside = start >= 0 && start <= payload.Length && length >= 0 && length <= payload.Length - start;
        part = inside ? payload.Slice(start, length) : default;
        return inside;
    }

    private void RequireInteger()
    {
        if (Kind != TracepointFieldKind.Integer)
            ThrowNoInteger();
    }

    [DoesNotReturn]
    private void ThrowNoInteger() => throw new InvalidOperationException(
        $"Field {Name} ({TypeName}) is no single number of 1, 2, 4 or 8 bytes: it is of kind {Kind}.");
}
