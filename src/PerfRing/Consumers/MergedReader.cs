namespace PerfRing;

/// <summary>Reads the records of several rings, of one reader or of several, in the order of their stamps.</summary>
/// <example>
/// <code>
/// using MergedReader merged = reader.Merged(new MergeOptions { HoldBack = TimeSpan.FromMilliseconds(2) });
/// while (true)
/// {
///     using MergedBatch batch = merged.Read();
///     foreach (MergedRecord merge in batch)
///         Handle(merge.Time, merge.Record.Cpu, merge.Record.Payload);
/// }
/// </code>
/// </example>
/// <remarks>
/// <para>Each read sweeps the rings: it reads the clock, copies everything that they hold, and gives them their memory back. A
/// record is delivered when its stamp is older than the clock was by <see cref="MergeOptions.HoldBack"/>: by then every record with
/// an earlier stamp has arrived, unless it took longer than that. Such a record is late.</para>
/// <para>While it waits, a read sleeps until the rings announce something, as their <see cref="Wakeup"/> says, until the shortest of
/// the longest delays has passed, or until the oldest record is due and an eighth of the hold-back has passed: so they come by
/// batches. A record is delivered at the latest after the longest delay or nine eighths of the hold-back, whichever is more.</para>
/// <para>One consumer at a time: reads that overlap throw. While a read is under way the readers are in use; between reads they may be
/// read directly, which takes records away. <see cref="Flush"/> and <see cref="Dispose"/> may be called from any thread. In steady
/// state nothing is allocated.</para>
/// </remarks>
public sealed partial class MergedReader : IDisposable
{
    /// <summary>How long a flush waits for a producer that is in the middle of a record.</summary>
    private static readonly TimeSpan PatienceWithUnfinished = TimeSpan.FromMilliseconds(100);

    private readonly MergeOptions _options;
    private readonly MergeStore _store;
    private readonly MergeInput[] _inputs;
    private readonly RingReader[] _sources;
    private readonly Waiter _waiter;
    private readonly bool _ownsWaiter;
    private readonly bool _endsWithTasks;
    private readonly ulong _holdBack;
    private ulong _due;

    private MergedReader(MergeSource[] sources, MergeOptions options)
    {
        _options = options;
        _store = new MergeStore(options);
        _inputs = [.. sources.Select(source => new MergeInput(source.Reader, source.StampOffset ?? options.StampOffset, _store))];
        _sources = [.. _inputs.SelectMany(static input => Enumerable.Repeat(input.Reader, input.Reader.MergeRings.Length))];
        _endsWithTasks = _inputs.Any(static input => input.Reader.EndsWithTasks);
        _holdBack = (ulong)Deadline.Nanoseconds(options.HoldBack);
        _ownsWaiter = _inputs.Length > 1;
        _waiter = _ownsWaiter ? new MergeWaiter(_inputs) : _inputs[0].Reader.MergeWaiter;
    }

    /// <summary>Records that were delivered: visited in a batch that was disposed.</summary>
    public long Delivered => _store.Delivered;

    /// <summary>Records that arrived when one with a later stamp was delivered already: those that were delivered marked, and those
    /// that were lost.</summary>
    public long Late => _store.Late;

    /// <summary>Late records that were not delivered, by <see cref="LateRecords.CountAsLost"/>. They count as delivered in the readers'
    /// own ledgers, since they left their rings.</summary>
    public long LateLost => _store.LateLost;

    /// <summary>Records that were delivered before they were due, since <see cref="MergeOptions.MaximumBytes"/> was exceeded.</summary>
    public long ReleasedEarly => _store.ReleasedEarly;

    /// <summary>Records without a stamp that can be: too short to hold one, or of the future.</summary>
    public long Unstamped => _store.Unstamped;

    /// <summary>Records that are held now.</summary>
    public long HeldRecords => _store.HeldRecords;

    /// <summary>Bytes of copies that are held now.</summary>
    public long HeldBytes => _store.HeldBytes;

    /// <summary>Merges several readers.</summary>
    /// <param name="readers">At least one; they stay the caller's.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">An option is out of range; or the records of a reader carry no stamp of CLOCK_MONOTONIC, or
    /// nothing says where; or there is no reader, or one twice; or a shared ring is looked at by the clock and has no longest delay.</exception>
    /// <exception cref="NotSupportedException">A reader overwrites.</exception>
    /// <exception cref="ObjectDisposedException">A reader is disposed.</exception>
    /// <exception cref="SystemCallException">There are too many open files.</exception>
    public static MergedReader Over(IEnumerable<RingReader> readers, MergeOptions options)
    {
        ArgumentNullException.ThrowIfNull(readers);
        return Over(readers.Select(static reader => new MergeSource(reader)), options);
    }

    /// <summary>Merges several readers whose stamps lie in different places.</summary>
    /// <param name="sources">At least one.</param>
    /// <param name="options">How.</param>
    /// <inheritdoc cref="Over(IEnumerable{RingReader}, MergeOptions)"/>
    public static MergedReader Over(IEnumerable<MergeSource> sources, MergeOptions options)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        MergeSource[] list = [.. sources];
        if (list.Length == 0)
            throw new ArgumentException("There is nothing to merge: give at least one reader.", nameof(sources));

        foreach (MergeSource source in list)
        {
            if (source.StampOffset is < 0)
                throw new ArgumentOutOfRangeException(nameof(sources), source.StampOffset, "MergeSource.StampOffset must be zero or more.");

            if (list.Count(other => other.Reader == source.Reader) > 1)
                throw new ArgumentException("A reader is given twice.", nameof(sources));

            if (list.Length > 1 && source.Reader is { Announcer: null, Wakeup.LongestDelay: var delay } && delay == Timeout.InfiniteTimeSpan)
            {
                throw new ArgumentException(
                    "The writers of a shared ring can't wake an epoll set, so among several readers it is looked at by the clock: give it a "
                    + "Wakeup with a finite longest delay.", nameof(sources));
            }
        }

        return new MergedReader(list, options);
    }

    /// <inheritdoc cref="Read(TimeSpan, ReadBudget, CancellationToken)"/>
    public MergedBatch Read() => Read(Timeout.InfiniteTimeSpan, ReadBudget.Unlimited, CancellationToken.None);

    /// <inheritdoc cref="Read(TimeSpan, ReadBudget, CancellationToken)"/>
    public MergedBatch Read(TimeSpan timeout) => Read(timeout, ReadBudget.Unlimited, CancellationToken.None);

    /// <inheritdoc cref="Read(TimeSpan, ReadBudget, CancellationToken)"/>
    public MergedBatch Read(TimeSpan timeout, CancellationToken cancellationToken) =>
        Read(timeout, ReadBudget.Unlimited, cancellationToken);

    /// <summary>Waits for records that are due, and takes no more of them than a budget allows.</summary>
    /// <param name="timeout">The longest wait, to a resolution of 100 ns. Zero only looks;
    /// <see cref="Timeout.InfiniteTimeSpan"/> waits without a bound.</param>
    /// <param name="budget">The most that the batch may hold, in records and in bytes of ring; the time bounds the walk over it, and is
    /// looked at every 64 records. The rest comes with the next read.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A batch, to be disposed before the next read. <see cref="ReadStatus.TimedOut"/>: nothing became due; records may be
    /// held. <see cref="ReadStatus.Completed"/>: every reader was disposed, or its tasks have ended, and all was
    /// delivered; or the merge was disposed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative and not infinite.</exception>
    /// <exception cref="InvalidOperationException">Another read is under way, here or of one of the readers, or the last batch was not
    /// disposed.</exception>
    /// <exception cref="ObjectDisposedException">The merge is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled. Nothing is lost: the records are held.</exception>
    /// <exception cref="RingCorruptedException">The content of a ring is impossible.</exception>
    public MergedBatch Read(TimeSpan timeout, ReadBudget budget, CancellationToken cancellationToken)
    {
        if (timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "Zero, more, or Timeout.InfiniteTimeSpan.");

        BeginRead();
        ReadStatus status;
        try
        {
            foreach (MergeInput input in _inputs)
                input.Begin();

            status = Await(timeout, budget, cancellationToken);
        }
        catch
        {
            EndInputs();
            Leave(Reading);
            throw;
        }

        EndInputs();
        if (status == ReadStatus.Records)
            return BeginBatch(budget.MaximumTime);

        Leave(Reading);
        return new MergedBatch(status);
    }

    private void EndInputs()
    {
        foreach (MergeInput input in _inputs)
            input.End();
    }
}
