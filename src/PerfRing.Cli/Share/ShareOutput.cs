using System.Buffers.Binary;
using PerfRing.Cli.Output;
using PerfRing.Cli.Reading;

namespace PerfRing.Cli.Share;

/// <summary>Turns marked records into lines, or into records behind their lengths, and remembers who came and went.</summary>
internal sealed class ShareOutput(bool lengthPrefixed)
{
    private const int LargestOutput = 1 << 20;

    private readonly OutputBuffer _output = new();
    private long _begins;
    private long _ends;

    internal RecordTally Tally { get; } = new();

    /// <summary>Whether a writer was ever there.</summary>
    internal bool HasBegun { get; private set; }

    /// <summary>Whether as many writers have written their end as were seen to come.</summary>
    /// <remarks>One that came before this reader did was not seen.</remarks>
    internal bool HasEnded => _ends > 0 && _ends >= _begins;

    /// <summary>Appends what a batch has, and writes it out.</summary>
    /// <returns>False when nobody listens any more.</returns>
    /// <exception cref="CommandFailure">A record is none of this command's, or stdout can't be written to.</exception>
    internal bool Write(scoped in RecordBatch batch)
    {
        HasBegun = true;
        foreach (Record record in batch)
        {
            Append(record.Payload);
            if (_output.Length >= LargestOutput && !_output.WriteOut())
            {
                // The rest was not lost: it stays in the ring.
                batch.ReleaseThrough(record);
                return false;
            }
        }

        return _output.WriteOut();
    }

    private void Append(ReadOnlySpan<byte> bytes, ShareMark mark)
    {
        if (lengthPrefixed)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_output.GetSpan(PrefixedInput.PrefixLength), bytes.Length);
            _output.Advance(PrefixedInput.PrefixLength);
        }

        _output.Append(bytes);
        if (mark == ShareMark.Record && !lengthPrefixed)
            _output.Append((byte)'\n');

        if (mark == ShareMark.Piece)
            Tally.AddPiece((uint)bytes.Length);
        else
            Tally.Add(-1, (uint)bytes.Length);
    }

    private void Append(ReadOnlySpan<byte> marked)
    {
        ShareMark mark = marked.IsEmpty ? default : (ShareMark)marked[0];
        switch (mark)
        {
            case ShareMark.Record or ShareMark.Piece or ShareMark.Last:
                Append(marked[1..], mark);
                break;
            case ShareMark.Begin:
                _begins++;
                break;
            case ShareMark.End:
                _ends++;
                break;
            default:
                throw new CommandFailure(ExitCode.Failed, "the ring holds records that 'perfring share write' did not write.");
        }
    }
}
