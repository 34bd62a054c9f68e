using System.Collections.Concurrent;
using PerfRing.Testing;

namespace PerfRing.Tests.Records;

public sealed class OwnedRecordTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(200)]
    [InlineData(1_000)]
    [InlineData(4_096)]
    [InlineData(16_300)]
    [InlineData(65_500)]
    public void A_copy_has_the_fields_of_its_record_after_that_is_gone(int payload)
    {
        using FakePerfRing ring = new(pages: 32, cpu: 3);
        FakeReader reader = new(ring);
        Assert.True(ring.Write(Numbered.Sample(42, payload)));
        byte[] bytes = [];
        OwnedRecord copy = default;
        uint size = 0;
        using (RecordBatch batch = reader.Read())
        {
            foreach (Record record in batch)
            {
                copy = record.ToOwned();
                bytes = record.Bytes.ToArray();
                size = record.Size;
            }
        }

        ring.WriteNumbers(1, 2);
        reader.Dispose();
        using (copy)
        {
            Assert.Equal((RecordKind.Sample, 3, 42ul, size), (copy.Kind, copy.Cpu, copy.View.Time, copy.View.Size));
            Assert.Equal(bytes, copy.View.Bytes.ToArray());
            Assert.Equal(copy.View.Payload.ToArray(), copy.Payload.ToArray());
            Assert.Equal(copy.Payload.ToArray(), copy.PayloadMemory.ToArray());
            Assert.Equal(42, Shown.Number(copy.View));
        }
    }

    [Fact]
    public void A_record_too_large_for_the_pools_is_copied_all_the_same()
    {
        using FakeFramedRing ring = new(pages: 64);
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        Assert.True(ring.Write(7, 100_000));
        OwnedRecord copy = Copies(reader).Single();
        Assert.Equal((100_000, 7L), (copy.Payload.Length, Shown.Number(copy.View)));
        copy.Dispose();
        Assert.Throws<ObjectDisposedException>(() => copy.Kind);
    }

    [Fact]
    public void What_was_disposed_throws_also_by_a_copy_of_the_value_and_after_its_memory_is_in_use_again()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.Write(1);
        OwnedRecord first = Copies(reader).Single();
        OwnedRecord same = first;
        first.Dispose();
        Check(same);
        ring.Write(2);
        OwnedRecord second = Copies(reader).Single();
        Check(first);
        Check(same);

        // Neither may take the memory away from its new user.
        first.Dispose();
        same.Dispose();
        Assert.Equal(2, Shown.Number(second.View));
        ring.Write(3);
        Assert.Equal(3, Shown.Number(Copies(reader).Single().View));
        Assert.Equal(2, Shown.Number(second.View));

        static void Check(OwnedRecord stale)
        {
            Assert.Throws<ObjectDisposedException>(() => stale.Kind);
            Assert.Throws<ObjectDisposedException>(() => stale.Cpu);
            Assert.Throws<ObjectDisposedException>(() => stale.Payload.Length);
            Assert.Throws<ObjectDisposedException>(() => stale.PayloadMemory);
            Assert.Throws<ObjectDisposedException>(() => stale.View.Size);
        }
    }

    [Fact]
    public void The_default_value_is_no_record()
    {
        OwnedRecord none = default;
        Assert.Throws<InvalidOperationException>(() => none.Kind);
        Assert.Throws<InvalidOperationException>(() => none.PayloadMemory);
        none.Dispose();
    }

    [Fact]
    public void A_copy_can_be_copied()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        ring.WriteNumbers(5, 5);
        OwnedRecord first = Copies(reader).Single();
        OwnedRecord second = first.View.ToOwned();
        first.Dispose();
        Assert.Equal((5, 5ul), (Shown.Number(second.View), second.View.Time));
    }

    [Fact]
    public void Nothing_is_released_through_a_copy()
    {
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        ring.Write(1);
        using RecordBatch batch = reader.Read();
        bool thrown = false;
        foreach (Record record in batch)
        {
            using OwnedRecord copy = record.ToOwned();
            try
            {
                batch.ReleaseThrough(copy.View);
            }
            catch (InvalidOperationException)
            {
                thrown = true;
            }
        }

        Assert.True(thrown);
    }

    [Fact]
    public void Copies_that_many_threads_dispose_stay_apart()
    {
        const int records = 30_000;
        using FakeFramedRing ring = new();
        using FakeReader reader = new(Wakeup.Immediate, ring.Ring);
        using BlockingCollection<(long Number, OwnedRecord Record)> handed = new(100);
        long wrong = 0;
        Thread[] users = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            foreach ((long number, OwnedRecord record) in handed.GetConsumingEnumerable())
            {
                if (Shown.Number(record.View) != number)
                    Interlocked.Increment(ref wrong);

                record.Dispose();
            }
        }))];
        foreach (Thread user in users)
            user.Start();

        for (int i = 0; i < records; i++)
        {
            ring.Write(i);
            handed.Add((i, Copies(reader).Single()));
        }

        handed.CompleteAdding();
        foreach (Thread user in users)
            Assert.True(user.Join(TimeSpan.FromSeconds(60)));

        Assert.Equal(0, wrong);
    }

    [Fact]
    public void In_steady_state_a_copy_allocates_nothing()
    {
        using FakePerfRing ring = new();
        using FakeReader reader = new(ring);
        FakeSample sample = Numbered.Sample(1);
        long before = 0;
        for (int i = 0; i < 3_000; i++)
        {
            if (i == 1_000)
                before = GC.GetAllocatedBytesForCurrentThread();

            ring.Write(sample);
            ring.Write(sample);
            using RecordBatch batch = reader.Read();
            OwnedRecord last = default;
            foreach (Record record in batch)
            {
                last.Dispose();
                last = record.ToOwned();
            }

            last.Dispose();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static List<OwnedRecord> Copies(FakeReader reader)
    {
        List<OwnedRecord> copies = [];
        using RecordBatch batch = reader.Read(TimeSpan.Zero);
        foreach (Record record in batch)
            copies.Add(record.ToOwned());

        return copies;
    }
}
