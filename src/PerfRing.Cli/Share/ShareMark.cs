namespace PerfRing.Cli.Share;

/// <summary>The first byte of each record of <c>perfring share</c>: what the rest is.</summary>
/// <remarks>A ring itself knows no end, and no writers that are still to come.</remarks>
internal enum ShareMark : byte
{
    /// <summary>A whole record, or the end of one that was split: a line gets its line break back.</summary>
    Record = (byte)'r',

    /// <summary>A piece of a line that is longer than a record can be; the rest follows.</summary>
    Piece = (byte)'p',

    /// <summary>A last line, which has no line break.</summary>
    Last = (byte)'l',

    /// <summary>A writer came. Nothing follows.</summary>
    Begin = (byte)'b',

    /// <summary>A writer has written all that it had. Nothing follows. One that is killed leaves none.</summary>
    End = (byte)'e',
}
