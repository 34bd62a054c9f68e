using System.Diagnostics;
using PerfRing.Cli.Interop;
using PerfRing.Cli.Reading;

namespace PerfRing.Cli.Share;

/// <summary>One run of <c>perfring share read</c>.</summary>
internal sealed class ShareReadRun
{
    /// <summary>How long a record of a slow writer waits at most; a fast one wakes whenever a part of the ring is full.</summary>
    private static readonly TimeSpan Within = TimeSpan.FromMilliseconds(10);

    /// <summary>How often it is looked whether the writers are still there.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    /// <summary>The same, when all have said that they are done and are about to go.</summary>
    private static readonly TimeSpan ShortPatience = TimeSpan.FromMilliseconds(1);

    private readonly MeetingPlace _place;
    private readonly SharedRingReader _reader;
    private readonly ShareOutput _output;

    private ShareReadRun(MeetingPlace place, SharedRingReader reader, ShareOutput output)
    {
        _place = place;
        _reader = reader;
        _output = output;
    }

    /// <exception cref="CommandFailure">The ring holds something else, or stdout can't be written to.</exception>
    /// <exception cref="PerfRingException">The ring can't be opened or made, or has its reader.</exception>
    internal static ExitCode Start(ShareOptions options)
    {
        _ = LibC.SetTimerSlack(1);
        using MeetingPlace place = MeetingPlace.Come(options);
        using SharedRingReader reader = SharedRingReader.Open(place.Ring, new SharedRingReaderOptions
        {
            Wakeup = Wakeup.AfterBytes(place.Ring.Capacity / 4).Within(Within),
        });
        place.Leave();
        return new ShareReadRun(place, reader, new ShareOutput(options.LengthPrefixed)).Run();
    }

    private ExitCode Run()
    {
        using ReadingEnd end = new(_reader);
        long started = Stopwatch.GetTimestamp();
        Ending ending = ReadUntilEnd();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        LossLedger losses = _reader.ReadLosses();

        // Here the exclusive lock is held, if there was no writer.
        if (ending == Ending.Ended || (_place.TryHaveAlone() && _reader.AvailableBytes == 0))
            _place.Remove();
        else if (ending == Ending.Stopped)
            Diagnostics.Say("the ring stays: the next reader goes on where this one ended.");

        if (ending != Ending.Unheard)
            ReadingSummary.Write(_output.Tally, _reader, losses, elapsed);

        return ending == Ending.Ended ? Judge(losses) : ExitCode.Done;
    }

    private Ending ReadUntilEnd()
    {
        while (true)
        {
            using (RecordBatch batch = _reader.Read(_output.HasEnded ? ShortPatience : Patience))
            {
                switch (batch.Status)
                {
                    case ReadStatus.Records when !_output.Write(batch):
                        return Ending.Unheard;
                    case ReadStatus.Records:
                        continue;
                    case ReadStatus.Flushed:
                        return Ending.Stopped;
                }
            }

            if (AreWritersGone())
                return Drain() ? Ending.Ended : Ending.Unheard;
        }
    }

    /// <summary>Whether there were writers and are none; then none can come, since the lock is held.</summary>
    private bool AreWritersGone()
    {
        if (!_place.TryHaveAlone())
            return false;

        // Each writes something before anything else. Without that, the first is still to come.
        if (_output.HasBegun)
            return true;

        _place.Leave();
        return false;
    }

    /// <summary>Delivers what writers that are gone have left.</summary>
    private bool Drain()
    {
        _reader.Flush();
        while (true)
        {
            using RecordBatch batch = _reader.Read();
            if (batch.Status != ReadStatus.Records)
                return true;

            if (!_output.Write(batch))
                return false;
        }
    }

    private ExitCode Judge(LossLedger losses)
    {
        ulong orphaned = losses.Cpus[0].Orphaned;
        if (orphaned != 0)
            Diagnostics.Say($"a writer was killed while it wrote: {orphaned} records are lost.");

        if (!_output.HasEnded)
            Diagnostics.Say("a writer ended without a word: what it still had to write is missing.");

        return orphaned == 0 && _output.HasEnded ? ExitCode.Done : ExitCode.Loss;
    }

    private enum Ending
    {
        /// <summary>The writers are done, or dead.</summary>
        Ended,

        /// <summary>A signal came.</summary>
        Stopped,

        /// <summary>Nobody reads stdout any more.</summary>
        Unheard,
    }
}
