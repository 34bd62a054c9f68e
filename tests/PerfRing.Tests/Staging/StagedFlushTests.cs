using System.Buffers;
using System.IO.Pipelines;
using PerfRing.Testing;

namespace PerfRing.Tests.Staging;

/// <summary>A flush covers what was in the kernel's ring, although nothing announced it.</summary>
public sealed class StagedFlushTests
{
    private static int PageSize => Environment.SystemPageSize;

    [Fact]
    public void A_flush_brings_what_nobody_announced()
    {
        using FakePerfRing kernel = new();
        using StagedFake staged = StagedFake.Of(kernel);
        kernel.WriteNumbers(1, 3);
        Assert.Empty(Shown.Numbers(staged.Reader));
        staged.Reader.Flush();
        Assert.Equal([1, 2, 3], Waited(staged.Reader));
        Assert.Equal(ReadStatus.Flushed, staged.Reader.StatusOf());
        Assert.Equal(ReadStatus.TimedOut, staged.Reader.StatusOf(TimeSpan.Zero));
    }

    [Fact]
    public void Several_flushes_are_reported_one_by_one()
    {
        using FakePerfRing kernel = new();
        using StagedFake staged = StagedFake.Of(kernel);
        for (int round = 0; round < 200; round++)
        {
            kernel.WriteNumbers(round, round);
            staged.Reader.Flush();
            staged.Reader.Flush();
            Assert.Equal([round], Waited(staged.Reader));
            Assert.Equal(ReadStatus.Flushed, staged.Reader.StatusOf());
            Assert.Equal(ReadStatus.Flushed, staged.Reader.StatusOf());
        }
    }

    [Fact]
    public void A_flush_of_more_than_the_staging_ring_holds_goes_on_as_it_is_read()
    {
        using FakePerfRing kernel = new();
        using StagedFake staged = StagedFake.Of(kernel);
        long written = 0;
        while (kernel.Write(Numbered.Sample(written)))
        {
            written++;
            staged.Settle();
        }

        staged.Reader.Flush();
        List<long> read = [];
        int batches = 0;
        while (true)
        {
            using RecordBatch batch = staged.Reader.Read(TimeSpan.FromSeconds(10));
            if (batch.Status == ReadStatus.Flushed)
                break;

            Assert.Equal(ReadStatus.Records, batch.Status);
            read.AddRange(Shown.Numbers(batch));
            batches++;
        }

        Assert.InRange(batches, 2, int.MaxValue);
        Assert.Equal(Enumerable.Range(0, (int)written).Select(static i => (long)i), read);
    }

    [Fact]
    public void A_flush_ends_in_front_of_a_record_that_is_never_finished()
    {
        using FakeFramedRing kernel = new();
        using StagedFake staged = StagedFake.Of(kernel);
        kernel.WriteNumbers(1, 1);
        ulong unfinished = kernel.Reserve(2)!.Value;
        staged.Reader.Flush();
        Assert.Equal([1], Waited(staged.Reader));
        Assert.Equal(ReadStatus.Flushed, staged.Reader.StatusOf());
        kernel.Commit(unfinished);
        staged.Stage();
        Assert.Equal([2], Shown.Numbers(staged.Reader));
    }

    [Fact]
    public async Task A_pipe_is_flushed_with_what_nobody_announced()
    {
        using FakePerfRing kernel = new(SampleFields.Raw | SampleFields.Cpu);
        using StagedFake staged = StagedFake.Of(kernel);
        PipeReader pipe = staged.Reader.AsPipeReader();
        kernel.WriteNumbers(1, 3);
        staged.Reader.Flush();
        ReadResult result = await pipe.ReadAsync();
        Assert.Equal((long)kernel.Head, result.Buffer.Length);
        Assert.Equal(staged.Ring.LoadProducer(), kernel.Head);
        pipe.AdvanceTo(result.Buffer.End);
        await pipe.CompleteAsync();
    }

    private static List<long> Waited(RingReader reader)
    {
        using RecordBatch batch = reader.Read();
        return Shown.Numbers(batch);
    }
}
