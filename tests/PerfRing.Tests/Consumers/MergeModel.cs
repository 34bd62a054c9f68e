namespace PerfRing.Tests.Consumers;

/// <summary>What a merge should do, by a plain sort of everything that it holds, with each read.</summary>
internal sealed class MergeModel(MergeOptions options, ScriptedClock clock, int rings)
{
    private const ulong Skew = 10_000_000;

    private readonly List<Written>[] _rings = [.. Enumerable.Range(0, rings).Select(static _ => new List<Written>())];
    private readonly ulong[] _last = new ulong[rings];
    private List<Held> _held = [];
    private ulong _frontier;
    private ulong _due;
    private ulong _latest;
    private ulong _flushTime;
    private long _arrivals;
    private long _flushEnd = -1;
    private bool _taking;

    internal long Delivered { get; private set; }

    internal long Late { get; private set; }

    internal long LateLost { get; private set; }

    internal long ReleasedEarly { get; private set; }

    internal long Unstamped { get; private set; }

    internal int Flushes { get; set; }

    internal long HeldRecords => _held.Count;

    internal long HeldBytes => _held.Sum(static held => held.Bytes);

    private bool IsOverfull => HeldBytes > options.MaximumBytes;

    /// <summary>Something was written into a ring.</summary>
    internal void Write(int ring, Written written) => _rings[ring].Add(written);

    /// <summary>What a read without a wait should return.</summary>
    internal (ReadStatus Status, List<Shown> Records) Read(long most, int visits)
    {
        if (Flushes != 0 && !_taking && _flushEnd < 0)
            _taking = true;

        if (!IsOverfull)
        {
            Sweep();
            _due = Math.Max(_due, (ulong)(clock.Now - (options.HoldBack.Ticks * 100)));
            if (_taking)
            {
                _taking = false;
                _flushEnd = _arrivals;
                _flushTime = _latest;
            }
        }

        if (_flushEnd >= 0 && _held.All(held => held.Arrival >= _flushEnd))
        {
            _flushEnd = -1;
            Flushes--;
            return (ReadStatus.Flushed, []);
        }

        return Deliver(most, visits);
    }

    private (ReadStatus Status, List<Shown> Records) Deliver(long most, int visits)
    {
        List<Held> sorted = [.. _held.OrderBy(static held => held.Time).ThenBy(static held => held.Arrival)];
        long excess = HeldBytes - options.MaximumBytes;
        int count = 0;
        while (count < sorted.Count && (most == 0 || count < most) && sorted[count].Time <= Math.Max(_due, _flushTime))
            excess -= sorted[count++].Bytes;

        int early = count;
        while (count < sorted.Count && (most == 0 || count < most) && excess > 0)
            excess -= sorted[count++].Bytes;

        if (count == 0)
            return (ReadStatus.TimedOut, []);

        int visited = Math.Min(count, visits);
        List<Shown> shown = [.. sorted[..visited].Select(held => new Shown(held.Id, held.Time, held.Time < _frontier))];
        if (visited != 0)
            _frontier = Math.Max(_frontier, sorted[visited - 1].Time);

        Delivered += visited;
        ReleasedEarly += Math.Max(0, visited - early);
        _held = sorted[visited..];
        return (ReadStatus.Records, shown);
    }

    private void Sweep()
    {
        for (int ring = 0; ring < _rings.Length; ring++)
        {
            foreach (Written written in _rings[ring])
            {
                Take(ring, written);
                if (written.IsGap)
                    break;
            }

            _rings[ring].Clear();
        }
    }

    private void Take(int ring, Written written)
    {
        ulong time = written.Stamp ?? ulong.MaxValue;
        if (written.IsGap)
        {
            time = Math.Max(_last[ring], _frontier);
        }
        else if (time > (ulong)clock.Now + Skew)
        {
            Unstamped++;
            time = Math.Max((ulong)clock.Now, _frontier);
        }

        _last[ring] = time;
        if (time < _frontier)
        {
            Late++;
            if (options.Late == LateRecords.CountAsLost && written.IsSample)
            {
                LateLost++;
                return;
            }
        }

        _latest = Math.Max(_latest, time);
        _held.Add(new Held(written.Id, time, _arrivals++, written.Bytes));
    }

    /// <param name="Id">By which it is known.</param>
    /// <param name="Stamp">Null for none.</param>
    /// <param name="Bytes">What a copy takes.</param>
    /// <param name="IsSample">Or a notice.</param>
    /// <param name="IsGap">What lies behind it in a ring is lost.</param>
    internal readonly record struct Written(long Id, ulong? Stamp, long Bytes, bool IsSample = true, bool IsGap = false);

    internal readonly record struct Shown(long Id, ulong Time, bool IsLate);

    private readonly record struct Held(long Id, ulong Time, long Arrival, long Bytes);
}
