using PerfRing.Testing;

namespace PerfRing.Tests.Readers;

public sealed class AvailableBytesTests
{
    [Fact]
    public void An_empty_reader_has_none()
    {
        using FakePerfRing ring = new(start: 4000);
        using FakeReader reader = new(ring);
        Assert.Equal(0, reader.AvailableBytes);
    }

    [Fact]
    public void What_is_written_in_all_rings_adds_up()
    {
        using FakePerfRing one = new(cpu: 0);
        using FakePerfRing two = new(cpu: 1, start: ulong.MaxValue - 47);
        using FakeReader reader = new(one, two);
        one.WriteNumbers(1, 2);
        two.WriteNumbers(1, 3);
        Assert.Equal(5 * 40, reader.AvailableBytes);
    }

    [Fact]
    public void A_batch_that_is_out_still_counts()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(1, 3);
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        Assert.Equal(3 * 40, reader.AvailableBytes);
    }

    [Fact]
    public void What_was_released_no_longer_counts()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(1, 3);
        Shown.Numbers(reader, ReadBudget.OfRecords(2));
        Assert.Equal(40, reader.AvailableBytes);
    }

    [Fact]
    public void A_look_from_another_thread_never_sees_more_than_there_was()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        using CancellationTokenSource source = new();
        long most = 0;
        OtherThread looker = new(() =>
        {
            while (!source.IsCancellationRequested)
                most = Math.Max(most, reader.AvailableBytes);
        });

        // One record at a time: there is never more than that.
        FakeSample sample = Numbered.Sample(1);
        for (int i = 0; i < 2_000_000; i++)
        {
            ring.Write(sample);
            reader.Read(TimeSpan.Zero).Dispose();
        }

        source.Cancel();
        looker.Join();
        Assert.InRange(most, 0, 40);
    }
}
