namespace PerfRing.Cli.Share;

/// <summary>What was read of stdin and not yet written into the ring, with a byte to spare in front of it.</summary>
/// <remarks>
/// <code>
///   | taken | front | unread            | room |
///           ^ where a mark is put, so that mark and record lie in a row without a copy
/// </code>
/// </remarks>
internal sealed class InputBuffer(StandardInput input)
{
    /// <summary>Read at once. What is longer makes the buffer grow.</summary>
    internal const int BlockSize = 1 << 20;

    private const int Front = 1;

    private byte[] _bytes = new byte[Front + BlockSize];
    private int _start = Front;
    private int _end = Front;

    internal ReadOnlySpan<byte> Unread => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Takes bytes from the beginning of <see cref="Unread"/>.</summary>
    /// <param name="length">How many.</param>
    /// <returns>These, and one byte in front of them to be written over. Valid until the next call of a method.</returns>
    internal Span<byte> Take(int length)
    {
        Span<byte> taken = _bytes.AsSpan(_start - Front, Front + length);
        _start += length;
        return taken;
    }

    internal void Skip(int length) => _start += length;

    /// <summary>Waits for more.</summary>
    /// <returns>False at the end.</returns>
    internal bool TryFill()
    {
        int unread = _end - _start;
        if (_start > Front)
        {
            Unread.CopyTo(_bytes.AsSpan(Front));
            (_start, _end) = (Front, Front + unread);
        }

        if (_end == _bytes.Length)
            Array.Resize(ref _bytes, checked(2 * _bytes.Length));

        int count = input.Read(_bytes.AsSpan(_end));
        _end += count;
        return count > 0;
    }
}
