using PerfRing.Testing;

namespace PerfRing.Tests.Rings;

/// <summary>Reads in every way there is, at random, and tells the model what it saw.</summary>
internal sealed class RandomConsumer(FakeReader reader, RandomRing[] rings, Random random)
{
    private readonly int[] _seen = new int[rings.Length];
    private readonly int[] _furthest = new int[rings.Length];

    internal void ReadSome()
    {
        switch (random.Next(8))
        {
            case 0:
                return;
            case 1:
                Drain(stopAt: 0);
                break;
            case 2:
                Drain(stopAt: random.Next(1, 60));
                break;
            case 3:
                WalkAndReleaseByHand();
                break;
            case 4:
                Walk(leaveAfter: random.Next(100), again: false);
                break;
            case 5:
                Walk(leaveAfter: random.Next(100), again: true);
                break;
            default:
                Walk(leaveAfter: int.MaxValue, again: random.Next(4) == 0);
                break;
        }
    }

    internal void ReadAll()
    {
        Start();
        Noting handler = new(this, stopAt: 0);
        reader.Drain(ref handler);
        Settle(_furthest, keepsRest: true);
    }

    private ReadBudget Budget() => random.Next(5) switch
    {
        0 => ReadBudget.OfRecords(random.Next(1, 50)),
        1 => ReadBudget.OfBytes(random.Next(1, 5_000)),
        2 => ReadBudget.OfRecords(random.Next(1, 50)) with { MaximumBytes = random.Next(1, 5_000) },
        _ => ReadBudget.Unlimited,
    };

    private void Walk(int leaveAfter, bool again)
    {
        Start();
        using (RecordBatch batch = reader.Read(TimeSpan.Zero, Budget(), CancellationToken.None))
        {
            Visit(batch, leaveAfter);
            if (again)
            {
                Array.Clear(_seen);
                Visit(batch, random.Next(100));
            }
        }

        Settle(_furthest, keepsRest: false);
    }

    private void WalkAndReleaseByHand()
    {
        Start();
        bool byHand = false;
        int[] released = new int[rings.Length];
        using (RecordBatch batch = reader.Read(TimeSpan.Zero, Budget(), CancellationToken.None))
        {
            int leaveAfter = random.Next(100);
            foreach (Record record in batch)
            {
                Note(record);
                if (random.Next(20) == 0)
                {
                    batch.ReleaseThrough(record);
                    byHand = true;
                    _seen.CopyTo(released, 0);
                }

                if (leaveAfter-- == 0)
                    break;
            }
        }

        Settle(byHand ? released : _furthest, keepsRest: byHand);
    }

    private void Drain(int stopAt)
    {
        Start();
        Noting handler = new(this, stopAt);
        reader.Drain(ref handler, Budget());
        Settle(_furthest, keepsRest: true);
    }

    private void Settle(int[] delivered, bool keepsRest)
    {
        for (int cpu = 0; cpu < rings.Length; cpu++)
            rings[cpu].Settle(delivered[cpu], keepsRest, reader.Losses(cpu));
    }

    private void Start()
    {
        Array.Clear(_seen);
        Array.Clear(_furthest);
    }

    private void Visit(RecordBatch batch, int leaveAfter)
    {
        RecordBatch.Enumerator records = batch.GetEnumerator();
        for (int i = 0; i < leaveAfter && records.MoveNext(); i++)
            Note(records.Current);
    }

    private void Note(Record record)
    {
        int cpu = record.Cpu;
        rings[cpu].AssertIs(record, _seen[cpu]++);
        _furthest[cpu] = Math.Max(_furthest[cpu], _seen[cpu]);
    }

    private struct Noting(RandomConsumer consumer, int stopAt) : IRecordHandler
    {
        private int _count;

        public bool Handle(Record record)
        {
            consumer.Note(record);
            return ++_count != stopAt;
        }
    }
}
