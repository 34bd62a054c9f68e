using System.Buffers.Binary;
using PerfRing.Testing;

namespace PerfRing.Tests.Consumers;

/// <summary>Plays a script against scripted rings and the model, and compares what they say after each step.</summary>
/// <remarks>The first rings are the kernel's, with its stamps; the last one is a BPF ring buffer, whose payload is a number and a
/// stamp.</remarks>
internal sealed class MergeScript : IDisposable
{
    private const int StampOffset = sizeof(long);
    private const long LossNotice = -1_000_000;
    private const long Gap = long.MinValue;

    private readonly FakePerfRing[] _perf;
    private readonly FakeFramedRing _bpf = new();
    private readonly FakeReader _reader;
    private readonly MergeModel _model;
    private readonly ScriptedClock _clock = new();
    private readonly List<MergeModel.Shown> _shown = [];
    private readonly HashSet<long> _written = [];
    private long _lastId;

    internal MergeScript(MergeOptions options, int perfRings)
    {
        options = options with { StampOffset = StampOffset, Time = _clock };
        _perf = [.. Enumerable.Range(0, perfRings).Select(static cpu => new FakePerfRing(cpu: cpu))];
        _reader = new FakeReader(Wakeup.Immediate, [.. _perf.Select(static ring => (Ring)ring.Ring), _bpf.Ring]);
        Merged = _reader.Merged(options);
        _model = new MergeModel(options, _clock, perfRings + 1);
    }

    internal MergedReader Merged { get; }

    /// <summary>Samples whose place was in the ring, whatever became of them.</summary>
    private long Samples => _written.Count;

    internal void Play(IEnumerable<MergeStep> steps)
    {
        foreach (MergeStep step in steps)
            Play(step);

        // Everything that is left.
        Play(new MergeStep(MergeAction.Flush, 0, 0, 0));
        while (_model.Flushes != 0)
            Play(new MergeStep(MergeAction.Read, 0, 0, int.MaxValue));

        AssertWhole();
    }

    public void Dispose()
    {
        Merged.Dispose();
        _reader.Dispose();
        _bpf.Dispose();
        foreach (FakePerfRing ring in _perf)
            ring.Dispose();
    }

    private void Play(MergeStep step)
    {
        switch (step.Action)
        {
            case MergeAction.Write when step.Ring % (_perf.Length + 1) is var ring && ring < _perf.Length:
                Write(ring, (ulong)(_clock.Now - step.Amount), step.Size);
                break;
            case MergeAction.Write:
                WriteBpf((ulong)(_clock.Now - step.Amount), step.Size);
                break;
            case MergeAction.Damage when step.Ring % _perf.Length is var ring:
                // Without asking for room, so only where there is some.
                if (_perf[ring].Head - _perf[ring].Tail < 2048)
                {
                    _perf[ring].WriteHeader((uint)RecordKind.Sample, claimed: 0, taken: 64);
                    _model.Write(ring, new MergeModel.Written(Gap, null, 24 + 64, IsSample: false, IsGap: true));
                }

                break;
            case MergeAction.Pass:
                _clock.Now += step.Amount;
                break;
            case MergeAction.Flush:
                Merged.Flush();
                _model.Flushes++;
                break;
            default:
                Read(step.Amount, step.Size);
                break;
        }
    }

    private void Write(int ring, ulong stamp, int size)
    {
        FakePerfRing perf = _perf[ring];
        FakeSample sample = Numbered.Sample(++_lastId, size) with { Time = stamp };
        long lost = (long)perf.Unreported;
        if (!perf.Write(sample))
            return;

        if (lost != 0)
            _model.Write(ring, new MergeModel.Written(LossNotice - lost, stamp, 24 + 40, IsSample: false));

        _model.Write(ring, new MergeModel.Written(_lastId, stamp, 24 + perf.SizeOf(sample)));
        _written.Add(_lastId);
    }

    private void WriteBpf(ulong stamp, int size)
    {
        byte[] payload = new byte[size];
        BinaryPrimitives.WriteInt64LittleEndian(payload, ++_lastId);
        bool isStamped = BinaryPrimitives.TryWriteUInt64LittleEndian(payload.AsSpan(StampOffset), stamp);
        if (!_bpf.Write(payload))
            return;

        long ring = (8 + size + 7) / 8 * 8;
        _model.Write(_perf.Length, new MergeModel.Written(_lastId, isStamped ? stamp : null, 24 + ring));
        _written.Add(_lastId);
    }

    private void Read(long most, int visits)
    {
        (ReadStatus status, List<MergeModel.Shown> expected) = _model.Read(most, visits);
        ReadBudget budget = most == 0 ? ReadBudget.Unlimited : ReadBudget.OfRecords(most);
        using (MergedBatch batch = Merged.Read(TimeSpan.Zero, budget, CancellationToken.None))
        {
            List<MergeModel.Shown> shown = [];
            if (visits != 0)
            {
                foreach (MergedRecord merged in batch)
                {
                    shown.Add(new MergeModel.Shown(Id(merged.Record), merged.Time, merged.IsLate));
                    if (shown.Count == visits)
                        break;
                }
            }

            Assert.Equal(status, batch.Status);
            Assert.Equal(expected, shown);
            _shown.AddRange(shown);
        }

        Assert.Equal(
            (_model.Delivered, _model.Late, _model.LateLost, _model.ReleasedEarly, _model.Unstamped, _model.HeldRecords, _model.HeldBytes),
            (Merged.Delivered, Merged.Late, Merged.LateLost, Merged.ReleasedEarly, Merged.Unstamped, Merged.HeldRecords,
                Merged.HeldBytes));
    }

    /// <summary>What holds of any merge, whatever the model says.</summary>
    private void AssertWhole()
    {
        ulong[] inOrder = [.. _shown.Where(static record => !record.IsLate).Select(static record => record.Time)];
        Assert.Equal(inOrder.Order(), inOrder);

        long[] samples = [.. _shown.Where(static record => record.Id > 0).Select(static record => record.Id)];
        Assert.Equal(samples.Length, samples.Distinct().Count());
        Assert.Subset(_written, samples.ToHashSet());

        // What a gap swallowed left no other trace.
        if (!_shown.Any(static record => record.Id == Gap))
            Assert.Equal(Samples, samples.Length + Merged.LateLost);

        Assert.Equal(Merged.Late - Merged.LateLost, _shown.Count(static record => record.IsLate));
    }

    private static long Id(scoped in Record record) => record.Kind switch
    {
        RecordKind.Lost => LossNotice - (long)record.LostCount,
        RecordKind.Gap => Gap,
        _ => BinaryPrimitives.ReadInt64LittleEndian(record.Payload),
    };
}
