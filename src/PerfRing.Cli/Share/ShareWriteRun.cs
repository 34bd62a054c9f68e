using System.Diagnostics;
using System.Globalization;

namespace PerfRing.Cli.Share;

/// <summary>One run of <c>perfring share write</c>.</summary>
internal static class ShareWriteRun
{
    /// <exception cref="CommandFailure">stdin can't be read, or what it has does not fit.</exception>
    /// <exception cref="PerfRingException">The ring can't be opened or made, or has its writers.</exception>
    internal static ExitCode Start(ShareOptions options)
    {
        using MeetingPlace place = MeetingPlace.Come(options);
        using SharedRingWriter writer = place.Ring.OpenWriter();
        using StandardInput input = new();
        using WritingEnd end = new(input);
        RecordSink sink = new(writer, end.GiveUp);
        long started = Stopwatch.GetTimestamp();
        ExitCode code = ExitCode.Done;
        try
        {
            sink.Write(ShareMark.Begin);
            InputBuffer buffer = new(input);
            if (options.LengthPrefixed)
                PrefixedInput.WriteAll(buffer, sink);
            else
                LineInput.WriteAll(buffer, sink, maySplit: place.Ring.Producers == SharedRingProducers.One);

            sink.Write(ShareMark.End);
        }
        catch (CommandFailure) when (end.IsRequested)
        {
            // Nobody has to be told that a signal came in the middle of a record: the whole ones are written.
            writer.TryWrite([(byte)ShareMark.End]);
        }
        catch (OperationCanceledException)
        {
            Diagnostics.Say(
                "the ring is full, and nobody takes anything out of it: not everything that was read from stdin is in it.");
            code = ExitCode.Loss;
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        Diagnostics.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"records  {sink.Records} in {elapsed.TotalSeconds:0.000} s, {sink.Records / elapsed.TotalSeconds:0} a second\n"
            + $"bytes    {sink.Bytes}\n"));
        return code;
    }
}
