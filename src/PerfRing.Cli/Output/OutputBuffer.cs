using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using PerfRing.Cli.Interop;

namespace PerfRing.Cli.Output;

/// <summary>UTF-8 text that grows until it is written out: numbers and bytes go in without a string in between.</summary>
internal sealed class OutputBuffer : IBufferWriter<byte>
{
    /// <summary>The digits of any number of 64 bits, with its sign.</summary>
    private const int NumberLength = 20;

    private byte[] _bytes = new byte[64 * 1024];

    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    internal void Clear() => Length = 0;

    /// <summary>Writes everything to stdout, and begins anew.</summary>
    /// <returns>False when nobody reads it any more.</returns>
    /// <exception cref="CommandFailure">stdout can't be written to.</exception>
    internal bool WriteOut()
    {
        int error = StandardStream.Output.Write(Written);
        Clear();
        return error switch
        {
            0 => true,
            LibC.EPIPE => false,
            _ => throw new CommandFailure(
                ExitCode.Failed, $"stdout can't be written to: {Marshal.GetPInvokeErrorMessage(error)}."),
        };
    }

    internal void Append(byte value)
    {
        GetSpan(1)[0] = value;
        Length++;
    }

    internal void Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(GetSpan(text.Length));
        Length += text.Length;
    }

    internal void Append(long number)
    {
        Utf8Formatter.TryFormat(number, GetSpan(NumberLength), out int length);
        Length += length;
    }

    internal void Append(ulong number)
    {
        Utf8Formatter.TryFormat(number, GetSpan(NumberLength), out int length);
        Length += length;
    }

    /// <summary>Appends digits, with something before them up to a width.</summary>
    internal void AppendRight(ulong number, int width, byte fill)
    {
        Span<byte> digits = stackalloc byte[NumberLength];
        Utf8Formatter.TryFormat(number, digits, out int length);
        Fill(width - length, fill);
        Append(digits[..length]);
    }

    /// <summary>Appends spaces until the text from a start on is that wide.</summary>
    internal void PadTo(int start, int width) => Fill(width - (Length - start), (byte)' ');

    internal void AppendHex(ulong number)
    {
        Append("0x"u8);
        Utf8Formatter.TryFormat(number, GetSpan(NumberLength), out int length, 'x');
        Length += length;
    }

    internal void AppendHex(byte value)
    {
        Span<byte> digits = GetSpan(2);
        digits[0] = Digit(value >> 4);
        digits[1] = Digit(value & 15);
        Length += 2;
    }

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Length);
    }

    private static byte Digit(int value) => (byte)(value < 10 ? '0' + value : 'a' + value - 10);

    private void Fill(int count, byte fill)
    {
        if (count <= 0)
            return;

        GetSpan(count)[..count].Fill(fill);
        Length += count;
    }

    private void Reserve(int size)
    {
        // An empty span is no answer to "whatever you have".
        int needed = Length + Math.Max(size, 1);
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
    }
}
