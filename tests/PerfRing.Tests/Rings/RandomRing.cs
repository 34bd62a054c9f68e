using PerfRing.Testing;

namespace PerfRing.Tests.Rings;

/// <summary>A ring that is written at random, and the model of what a reader has still to see of it.</summary>
internal sealed class RandomRing
{
    private readonly Random _random;
    private readonly Queue<Expected> _expected = [];
    private readonly byte[] _payload = new byte[1_000];
    private ulong _position;
    private long _number;
    private ulong _delivered;
    private ulong _abandoned;
    private int _notices;

    internal RandomRing(int cpu, Random random)
    {
        _random = random;
        random.NextBytes(_payload);
        Cpu = cpu;
        SampleFields fields = FakePerfRing.DefaultFields;
        if (random.Next(4) == 0)
            fields |= SampleFields.CallChain;

        // Any position, every other time one that soon passes 2^64.
        ulong start = random.Next(2) == 0 ? (ulong)random.NextInt64() * 2 : ulong.MaxValue - (ulong)random.Next(100_000);
        Fake = new FakePerfRing(fields, pages: 1 << random.Next(3), cpu: cpu, start: start & ~7ul);
        _position = Fake.Tail;
    }

    internal int Cpu { get; }

    internal FakePerfRing Fake { get; }

    /// <summary>Writes none, a few, or more than fit.</summary>
    internal void WriteSome()
    {
        int count = _random.Next(4) switch { 0 => 0, 1 => 1, 2 => _random.Next(20), _ => _random.Next(200) };
        int largest = _random.Next(2) == 0 ? 32 : _payload.Length;
        for (int i = 0; i < count; i++)
        {
            WriteOne(largest);
            if (_random.Next(40) == 0)
                WriteOutage();
        }

        // Also where nothing is written: several at one place.
        if (_random.Next(20) == 0)
            WriteOutage();
    }

    /// <summary>Compares a record with the one expected at a place.</summary>
    internal void AssertIs(Record record, int place)
    {
        Expected expected = _expected.ElementAt(place);
        if (expected.Outage is { } outage)
        {
            Assert.Equal(RecordKind.Outage, record.Kind);
            Assert.Equal(outage, record.Outage);
            return;
        }

        if (expected.Lost != 0)
        {
            Assert.Equal(RecordKind.Lost, record.Kind);
            Assert.Equal(expected.Lost, record.LostCount);
            return;
        }

        Assert.Equal(RecordKind.Sample, record.Kind);
        Assert.Equal((ulong)expected.Number, record.Time);
        Assert.Equal((int)expected.Number, record.ThreadId);
        Assert.True(record.Payload[..expected.Payload].SequenceEqual(_payload.AsSpan(0, expected.Payload)));
    }

    /// <summary>Takes what a batch released out of the model, and compares it with what the batch was used for.</summary>
    /// <param name="delivered">Records that were seen and not kept.</param>
    /// <param name="keepsRest">Whether all others had to stay.</param>
    /// <param name="losses">What the reader says was given up.</param>
    internal void Settle(int delivered, bool keepsRest, CpuLosses losses)
    {
        ulong tail = Fake.Tail;
        ulong abandoned = 0;
        int released = 0;
        while (_expected.TryPeek(out Expected expected) && expected.End - _position <= tail - _position)
        {
            // A notice takes no room: whether one that lies just at the tail is done with, the position does not tell.
            if (expected.Outage is not null && _notices == Fake.Ring.PendingNotices)
                break;

            _expected.Dequeue();
            _position = expected.End;
            if (expected.Outage is not null)
                _notices--;
            else if (expected.Lost == 0 && released < delivered)
                _delivered++;
            else if (expected.Lost == 0)
                abandoned++;

            released++;
        }

        Assert.True(_position == tail, $"released into the middle of a record: {tail}, and records end at {_position}");
        Assert.True(keepsRest ? released == delivered : released >= delivered, $"{released} released, {delivered} delivered");
        Assert.True(abandoned == losses.Abandoned - _abandoned, $"{abandoned} given up after {_abandoned}, {losses}");
        _abandoned = losses.Abandoned;
    }

    /// <summary>Produced = delivered + noticed + abandoned, once everything was read.</summary>
    internal void AssertBooksBalance(CpuLosses losses, string where)
    {
        Assert.True(_expected.Count == 0, $"{where}: {_expected.Count} records were never seen");
        ulong produced = (ulong)(Fake.Accepted + Fake.Refused);
        Assert.True(
            produced == _delivered + losses.Noticed + losses.Abandoned + Fake.Unreported,
            $"{where}: {produced} produced, {_delivered} delivered, {losses}, {Fake.Unreported} not yet reported");
        Assert.True(losses.Noticed == (ulong)Fake.Refused - Fake.Unreported, $"{where}: {Fake.Refused} refused, {losses}");
        Assert.True(losses.Gaps == 0, $"{where}: {losses}");
    }

    private void WriteOutage()
    {
        if (_notices == OutageNotices.Slots)
            return;

        CpuOutage outage = new((ulong)_number, (ulong)_number + 1);
        Fake.Ring.Announce(outage);
        _expected.Enqueue(new Expected(0, 0, 0, Fake.Head, outage));
        _notices++;
    }

    private void WriteOne(int largest)
    {
        ulong unreported = Fake.Unreported;
        int payload = _random.Next(largest + 1);
        FakeSample sample = new()
        {
            Time = (ulong)_number,
            ThreadId = (int)_number,
            Callers = new ulong[_random.Next(4)],
            Payload = _payload[..payload],
        };
        if (Fake.Write(sample))
        {
            if (unreported != 0)
                _expected.Enqueue(new Expected(0, unreported, 0, Fake.Head - Fake.SizeOf(sample)));

            _expected.Enqueue(new Expected(_number, 0, payload, Fake.Head));
        }

        _number++;
    }

    /// <summary>A loss notice if it lost anything, an outage if it has one, else a sample; and the position behind it.</summary>
    private readonly record struct Expected(long Number, ulong Lost, int Payload, ulong End, CpuOutage? Outage = null);
}
