using System.Runtime.InteropServices;

namespace PerfRing;

/// <summary>The records that are held, in order, and the counts of what became of them.</summary>
/// <remarks>
/// <code>
///   rings ---> sorted runs --+
///              one a ring    +--> output, one batch at a time --> frontier: the stamp of the last that was delivered in order
///   put back ----------------+      what was not visited goes back
///   strays ------------------+
/// </code>
/// A record with a stamp before the frontier is late. The consumer writes, anyone may look at the counts.
/// </remarks>
internal sealed class MergeStore(MergeOptions options)
{
    private readonly RecordArena _arena = new();
    private readonly List<MergeEntry> _output = [];
    private readonly SortedRun _putBack = new();
    private readonly List<SortedRun> _runs = [];
    private MergeTournament? _tournament;
    private int _early;
    private ulong _frontierOfBatch;
    private ulong _flushEnd;
    private long _takenRecords;
    private long _takenBytes;
    private long _heldRecords;
    private long _heldBytes;
    private long _delivered;
    private long _late;
    private long _lateLost;
    private long _releasedEarly;
    private long _unstamped;

    /// <summary>The clock of the stamps.</summary>
    internal ulong Now => (ulong)options.Time.GetTimestamp();

    /// <summary>The stamp of the last record that was delivered in order.</summary>
    internal ulong Frontier { get; private set; }

    /// <summary>The latest stamp of all that were taken.</summary>
    internal ulong Latest { get; private set; }

    /// <summary>Records of a flush that are still held.</summary>
    internal long FlushLeft { get; private set; }

    internal long HeldRecords => Volatile.Read(ref _heldRecords);

    internal long HeldBytes => Volatile.Read(ref _heldBytes);

    internal long Delivered => Volatile.Read(ref _delivered);

    internal long Late => Volatile.Read(ref _late);

    internal long LateLost => Volatile.Read(ref _lateLost);

    internal long ReleasedEarly => Volatile.Read(ref _releasedEarly);

    internal long Unstamped => Volatile.Read(ref _unstamped);

    internal bool IsOverfull => _heldBytes > options.MaximumBytes;

    /// <summary>Records of the batch.</summary>
    internal int Count => _output.Count;

    private MergeTournament Tournament => _tournament ??= new MergeTournament([_putBack, .. _runs]);

    /// <summary>Gets to know a ring.</summary>
    internal int Add(RecordOrigin ring, out SortedRun run)
    {
        _runs.Add(run = new SortedRun());
        return _arena.Add(ring);
    }

    internal void CountUnstamped() => Volatile.Write(ref _unstamped, _unstamped + 1);

    /// <summary>Takes a record of a ring, a view.</summary>
    internal void Take(scoped in Record record, ulong time, int ring, SortedRun run)
    {
        if (time < Frontier)
        {
            Volatile.Write(ref _late, _late + 1);
            if (options.Late == LateRecords.CountAsLost && record.Kind == RecordKind.Sample)
            {
                Volatile.Write(ref _lateLost, _lateLost + 1);
                return;
            }
        }

        ulong position = _arena.Append(record, ring, out uint taken);
        if (!run.TryAdd(time, position))
            Tournament.AddStray(new MergeEntry(time, position));

        Latest = Math.Max(Latest, time);
        _takenRecords++;
        _takenBytes += taken;
    }

    /// <summary>After the records of a ring: counts them for those who look.</summary>
    internal void EndTake()
    {
        Volatile.Write(ref _heldRecords, _heldRecords + _takenRecords);
        Volatile.Write(ref _heldBytes, _heldBytes + _takenBytes);
        _takenRecords = _takenBytes = 0;
    }

    /// <summary>From now on, <see cref="FlushLeft"/> counts what is held now.</summary>
    internal void BeginFlush()
    {
        _flushEnd = _arena.Position;
        FlushLeft = _heldRecords;
    }

    /// <summary>Makes a batch.</summary>
    /// <param name="due">The latest stamp whose time has come.</param>
    /// <param name="allowance">The most to take.</param>
    /// <returns>False if there is nothing.</returns>
    internal bool TryFill(ulong due, RecordAllowance allowance)
    {
        if (_heldRecords == 0)
            return false;

        MergeLimit limit = new(_arena, allowance);
        Tournament.Begin();
        bool goesOn = Tournament.Take(due, ref limit, _output);
        _early = _output.Count;
        if (goesOn && IsOverfull && BytesLeft() is > 0 and long excess)
        {
            limit.StopAfter(excess);
            Tournament.Take(ulong.MaxValue, ref limit, _output);
        }

        _frontierOfBatch = Frontier;
        return _output.Count != 0;
    }

    /// <summary>The stamp of the first record that is held; a time that is never reached if there is none.</summary>
    internal ulong First() => _heldRecords == 0 ? ulong.MaxValue : Tournament.Begin();

    /// <summary>A record of the batch.</summary>
    internal MergeEntry this[int index] => _output[index];

    /// <summary>Whether a record of the batch with this stamp is late.</summary>
    internal bool IsLate(ulong time) => time < _frontierOfBatch;

    internal Record Show(ulong position) => _arena.Show(position);

    internal int RingOf(ulong position) => _arena.RingOf(position);

    /// <summary>Ends the batch: forgets what was visited, and takes the rest back.</summary>
    internal void Settle(int visited)
    {
        ReadOnlySpan<MergeEntry> output = CollectionsMarshal.AsSpan(_output);
        long bytes = 0;
        foreach (ref readonly MergeEntry entry in output[..visited])
        {
            bytes += _arena.Release(entry.Position);
            if (entry.Position < _flushEnd)
                FlushLeft--;
        }

        // Late ones come first, so that the last is the furthest, unless all were late.
        if (visited != 0)
            Frontier = Math.Max(Frontier, output[visited - 1].Time);

        _putBack.PutBack(output[visited..]);
        _output.Clear();
        Volatile.Write(ref _heldRecords, _heldRecords - visited);
        Volatile.Write(ref _heldBytes, _heldBytes - bytes);
        Volatile.Write(ref _delivered, _delivered + visited);
        Volatile.Write(ref _releasedEarly, _releasedEarly + Math.Max(0, visited - _early));
    }

    /// <summary>How much more than allowed is held when the records of this batch are gone.</summary>
    private long BytesLeft()
    {
        long bytes = _heldBytes - options.MaximumBytes;
        foreach (MergeEntry entry in _output)
            bytes -= RecordArena.Taken(_arena.SizeOf(entry.Position));

        return bytes;
    }
}
