using System.Buffers.Binary;

namespace PerfRing.Cli.Share;

/// <summary>Makes a record of the bytes behind each length, which is of 32 bits with the lowest byte first.</summary>
internal static class PrefixedInput
{
    internal const int PrefixLength = sizeof(uint);

    /// <summary>Writes everything until the end of stdin.</summary>
    /// <exception cref="CommandFailure">A record is too long, or stdin ends in the middle of one, or can't be read.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    internal static void WriteAll(InputBuffer input, RecordSink sink)
    {
        while (true)
        {
            ReadOnlySpan<byte> unread = input.Unread;
            if (unread.Length >= PrefixLength)
            {
                uint length = BinaryPrimitives.ReadUInt32LittleEndian(unread);
                if (length > (uint)sink.Longest)
                {
                    throw new CommandFailure(
                        ExitCode.Failed,
                        $"record {sink.Records + 1} is {length} bytes long, and {sink.Longest} is all that fits: "
                        + "give a larger --capacity.");
                }

                if (unread.Length - PrefixLength >= length)
                {
                    input.Skip(PrefixLength);
                    sink.Write(input.Take((int)length), ShareMark.Record);
                    continue;
                }
            }

            if (input.TryFill())
                continue;

            if (input.Unread.IsEmpty)
                return;

            throw new CommandFailure(ExitCode.Failed, $"stdin ends in the middle of record {sink.Records + 1}.");
        }
    }
}
