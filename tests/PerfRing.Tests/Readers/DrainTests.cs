using PerfRing.Testing;

namespace PerfRing.Tests.Readers;

public sealed class DrainTests
{
    [Fact]
    public void Every_record_is_handed_over_in_order()
    {
        using FakePerfRing ring = Ten();
        using FakeReader reader = new(ring);
        List<long> seen = [];
        Collecting handler = new(seen);
        reader.Drain(ref handler);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], seen);
    }

    [Fact]
    public void The_result_counts_what_was_handled()
    {
        using FakePerfRing ring = Ten();
        using FakeReader reader = new(ring);
        Counting handler = default;
        Assert.Equal(new DrainResult(ReadStatus.Records, 10, Stopped: false), reader.Drain(ref handler));
    }

    [Fact]
    public void Loss_notices_are_handed_over_and_counted()
    {
        using FakePerfRing ring = Ten();
        using FakeReader reader = new(ring);
        ring.WriteLost(3);
        Counting handler = default;
        Assert.Equal(11, reader.Drain(ref handler).Records);
    }

    [Fact]
    public void The_handler_keeps_its_state()
    {
        using FakePerfRing ring = Ten();
        using FakeReader reader = new(ring);
        Counting handler = default;
        reader.Drain(ref handler);
        Assert.Equal(10, handler.Records);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(10)]
    public void A_handler_that_stops_is_reported_with_what_it_handled(int stopAt)
    {
        using FakePerfRing ring = Ten();
        using FakeReader reader = new(ring);
        Counting handler = new() { StopAt = stopAt };
        Assert.Equal(new DrainResult(ReadStatus.Records, stopAt, Stopped: true), reader.Drain(ref handler));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(10)]
    public void What_a_handler_left_comes_with_the_next_read(int stopAt)
    {
        using FakePerfRing ring = Ten();
        using FakeReader reader = new(ring);
        Counting handler = new() { StopAt = stopAt };
        reader.Drain(ref handler);
        Assert.Equal(Enumerable.Range(stopAt, 10 - stopAt).Select(static n => (long)n), Shown.Numbers(reader));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(10)]
    public void An_exception_of_the_handler_goes_to_the_caller(int throwAt)
    {
        using FakePerfRing ring = Ten();
        using FakeReader reader = new(ring);
        Assert.Throws<HandlerException>(() => DrainThrowing(reader, throwAt));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(10)]
    public void The_record_with_which_the_handler_threw_counts_as_handled_and_the_rest_stays(int throwAt)
    {
        using FakePerfRing ring = Ten();
        using FakeReader reader = new(ring);
        Assert.Throws<HandlerException>(() => DrainThrowing(reader, throwAt));
        Assert.Equal(Enumerable.Range(throwAt, 10 - throwAt).Select(static n => (long)n), Shown.Numbers(reader));
    }

    [Fact]
    public void Neither_stopping_nor_throwing_abandons_anything()
    {
        using FakePerfRing ring = Ten();
        using FakeReader reader = new(ring);
        Counting stopping = new() { StopAt = 3 };
        reader.Drain(ref stopping);
        Assert.Throws<HandlerException>(() => DrainThrowing(reader, throwAt: 3));
        Assert.Equal(0ul, reader.Losses().Abandoned);
    }

    [Fact]
    public void Stopping_in_the_second_ring_keeps_its_rest_and_the_third()
    {
        using FakePerfRing one = Ten(cpu: 0);
        using FakePerfRing two = Ten(cpu: 1);
        using FakePerfRing three = Ten(cpu: 2);
        using FakeReader reader = new(one, two, three);
        Counting handler = new() { StopAt = 13 };
        reader.Drain(ref handler);
        Assert.Equal((0ul, 280ul, 400ul), (one.Head - one.Tail, two.Head - two.Tail, three.Head - three.Tail));
    }

    [Fact]
    public void A_budget_bounds_a_drain()
    {
        using FakePerfRing ring = Ten();
        using FakeReader reader = new(ring);
        Counting handler = default;
        Assert.Equal(
            new DrainResult(ReadStatus.Records, 4, Stopped: false), reader.Drain(ref handler, ReadBudget.OfRecords(4)));
    }

    [Fact]
    public void Without_records_a_drain_does_not_wait_by_default()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate.Within(Timeout.InfiniteTimeSpan), ring);
        Counting handler = default;
        Assert.Equal(new DrainResult(ReadStatus.TimedOut, 0, Stopped: false), reader.Drain(ref handler));
    }

    [Fact]
    public void A_flush_is_reported_by_a_drain()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        reader.Flush();
        Counting handler = default;
        Assert.Equal(ReadStatus.Flushed, reader.Drain(ref handler).Status);
    }

    [Fact]
    public void A_handler_may_be_a_ref_struct_over_the_callers_memory()
    {
        using FakePerfRing ring = Ten();
        using FakeReader reader = new(ring);
        Span<long> seen = stackalloc long[10];
        Filling handler = new(seen);
        reader.Drain(ref handler);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], seen.ToArray());
    }

    [Fact]
    public void A_handler_may_not_read()
    {
        using FakePerfRing ring = Ten();
        using FakeReader reader = new(ring);
        Assert.Throws<InvalidOperationException>(() =>
        {
            Reentering handler = new(reader);
            reader.Drain(ref handler);
        });
    }

    [Fact]
    public void A_handler_may_dispose_the_reader_and_still_gets_the_rest()
    {
        using FakePerfRing ring = Ten();
        FakeReader reader = new(ring);
        Disposing handler = new(reader);
        Assert.Equal(10, reader.Drain(ref handler).Records);
        Assert.True(ring.IsUnmapped);
    }

    private static void DrainThrowing(FakeReader reader, int throwAt)
    {
        Counting handler = new() { ThrowAt = throwAt };
        reader.Drain(ref handler);
    }

    private static FakePerfRing Ten(int cpu = 0)
    {
        FakePerfRing ring = new(cpu: cpu, start: 3880);
        ring.WriteNumbers(0, 9);
        return ring;
    }

    private readonly struct Collecting(List<long> seen) : IRecordHandler
    {
        public bool Handle(Record record)
        {
            seen.Add(Shown.Number(record));
            return true;
        }
    }

    private ref struct Filling(Span<long> into) : IRecordHandler
    {
        private readonly Span<long> _into = into;
        private int _count;

        public bool Handle(Record record)
        {
            _into[_count++] = Shown.Number(record);
            return true;
        }
    }

    private readonly struct Reentering(FakeReader reader) : IRecordHandler
    {
        public bool Handle(Record record) => reader.StatusOf(TimeSpan.Zero) == ReadStatus.Records;
    }

    private readonly struct Disposing(FakeReader reader) : IRecordHandler
    {
        public bool Handle(Record record)
        {
            reader.Dispose();
            return !record.Payload.IsEmpty;
        }
    }
}
