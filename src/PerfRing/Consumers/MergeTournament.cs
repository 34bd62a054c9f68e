namespace PerfRing;

/// <summary>Finds the earliest record of several sorted runs, again and again.</summary>
/// <remarks>A heap of runs by their first records, not of records: what lies in a run before the first record of every other one, which
/// is mostly more than one record, is taken at once.</remarks>
internal sealed class MergeTournament(SortedRun[] runs)
{
    private static readonly MergeEntry Never = new(ulong.MaxValue, ulong.MaxValue);

    private readonly Node[] _heap = new Node[runs.Length];
    private readonly PriorityQueue<ulong, MergeEntry> _strays = new();
    private int _count;

    /// <summary>Takes in a record that is too far out of order for its run.</summary>
    internal void AddStray(in MergeEntry entry) => _strays.Enqueue(entry.Position, entry);

    /// <summary>Begins anew, as the runs may have changed.</summary>
    /// <returns>The first stamp of all; the highest number if there is none.</returns>
    internal ulong Begin()
    {
        _count = 0;
        for (int run = 0; run < runs.Length; run++)
        {
            if (!runs[run].IsEmpty)
                _heap[_count++].Set(runs[run].First, run);
        }

        for (int i = (_count / 2) - 1; i >= 0; i--)
            Sink(i, _heap[i].First.Time, _heap[i].First.Position, _heap[i].Run);

        return Earlier(Top(), Stray()).Time;
    }

    /// <summary>Takes records out, in order.</summary>
    /// <param name="due">The latest stamp to take.</param>
    /// <param name="limit">What counts them and says when it is enough.</param>
    /// <param name="output">Where they go, behind what is there.</param>
    /// <returns>False if the limit ended it.</returns>
    internal bool Take(ulong due, ref MergeLimit limit, List<MergeEntry> output)
    {
        MergeEntry end = new(due, ulong.MaxValue);
        MergeEntry stray = Stray();
        while (true)
        {
            MergeEntry top = Top();
            bool isStray = stray.IsBefore(top);
            MergeEntry first = isStray ? stray : top;
            if (!first.IsBefore(end))
                return true;

            if (!limit.TryTake(first.Position))
                return false;

            output.Add(first);
            if (isStray)
            {
                _strays.Dequeue();
                stray = Stray();
                continue;
            }

            SortedRun run = runs[_heap[0].Run];
            run.RemoveFirst();
            if (limit.IsUnlimited)
                run.MoveTo(output, Earlier(Earlier(stray, Second()), end));

            Replace(run);
        }
    }

    private static MergeEntry Earlier(in MergeEntry one, in MergeEntry other) => other.IsBefore(one) ? other : one;

    private MergeEntry Top() => _count == 0 ? Never : _heap[0].First;

    private MergeEntry Second() => _count switch
    {
        < 2 => Never,
        2 => _heap[1].First,
        _ => Earlier(_heap[1].First, _heap[2].First),
    };

    private MergeEntry Stray() => _strays.Count != 0 && _strays.TryPeek(out _, out MergeEntry entry) ? entry : Never;

    /// <summary>Finds the new place of the run that was in front.</summary>
    private void Replace(SortedRun run)
    {
        if (!run.IsEmpty)
        {
            ref readonly MergeEntry first = ref run.First;
            Sink(0, first.Time, first.Position, _heap[0].Run);
        }
        else if (--_count != 0)
        {
            ref readonly Node last = ref _heap[_count];
            Sink(0, last.First.Time, last.First.Position, last.Run);
        }
    }

    private void Sink(int at, ulong time, ulong position, int run)
    {
        MergeEntry sinking = new(time, position);
        Node[] heap = _heap;
        while (true)
        {
            int child = (2 * at) + 1;
            if (child >= _count)
                break;

            if (child + 1 < _count && heap[child + 1].First.IsBefore(heap[child].First))
                child++;

            if (!heap[child].First.IsBefore(sinking))
                break;

            heap[at] = heap[child];
            at = child;
        }

        heap[at].Set(sinking, run);
    }

    /// <summary>A run by its index, and a copy of its first record, so that comparing follows no reference.</summary>
    private struct Node
    {
        internal MergeEntry First;
        internal int Run;

        internal void Set(in MergeEntry first, int run)
        {
            First = new MergeEntry(first.Time, first.Position);
            Run = run;
        }
    }
}
