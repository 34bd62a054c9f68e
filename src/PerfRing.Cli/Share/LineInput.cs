namespace PerfRing.Cli.Share;

/// <summary>Makes a record of each line.</summary>
internal static class LineInput
{
    /// <summary>Up to here a line stays whole even where it could be split: what is not read further needs no memory.</summary>
    private const int LongestPiece = InputBuffer.BlockSize / 2;

    /// <summary>Writes everything until the end of stdin.</summary>
    /// <param name="input">stdin.</param>
    /// <param name="sink">The ring.</param>
    /// <param name="maySplit">Whether no other writer could get its records between the pieces of a line.</param>
    /// <exception cref="CommandFailure">A line is too long, or stdin can't be read.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    internal static void WriteAll(InputBuffer input, RecordSink sink, bool maySplit)
    {
        int longest = maySplit ? Math.Min(sink.Longest, LongestPiece) : sink.Longest;
        int seen = 0;
        while (true)
        {
            int more = input.Unread[seen..].IndexOf((byte)'\n');
            int length = more < 0 ? input.Unread.Length : seen + more;
            if (length > longest)
            {
                if (!maySplit)
                {
                    throw new CommandFailure(
                        ExitCode.Failed,
                        $"line {sink.Records + 1} is longer than {longest} bytes, which is all that fits: "
                        + "give a larger --capacity.");
                }

                sink.Write(input.Take(longest), ShareMark.Piece);
                seen = 0;
            }
            else if (more >= 0)
            {
                sink.Write(input.Take(length), ShareMark.Record);
                input.Skip(1);
                seen = 0;
            }
            else if (input.TryFill())
            {
                seen = length;
            }
            else
            {
                break;
            }
        }

        if (!input.Unread.IsEmpty)
            sink.Write(input.Take(input.Unread.Length), ShareMark.Last);
    }
}
