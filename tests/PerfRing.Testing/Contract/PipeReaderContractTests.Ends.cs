using System.Buffers;
using System.IO.Pipelines;
using Xunit;

namespace PerfRing.Testing;

public abstract partial class PipeReaderContractTests
{
    [ContractFact]
    public async Task Cancel_ends_the_pending_read_once()
    {
        using PipeUnderTest pipe = Open();
        for (int i = 0; i < 20; i++)
        {
            Task<ReadResult> read = pipe.Reader.ReadAsync().AsTask();
            Assert.False(read.IsCompleted);
            pipe.Reader.CancelPendingRead();
            ReadResult result = await Within(read);
            Assert.True(result.IsCanceled);
            Assert.False(result.IsCompleted);
            Assert.True(result.Buffer.IsEmpty);
            pipe.Reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            Assert.False(pipe.Reader.TryRead(out _));
        }
    }

    [ContractFact]
    public void Cancel_with_no_read_under_way_ends_the_next_one_once()
    {
        using PipeUnderTest pipe = Open();
        pipe.Reader.CancelPendingRead();
        pipe.Reader.CancelPendingRead();
        ReadResult result = Read(pipe);
        Assert.True(result.IsCanceled);
        pipe.Reader.AdvanceTo(result.Buffer.End);
        Assert.False(pipe.Reader.TryRead(out _));
        pipe.Write(2);
        pipe.Reader.CancelPendingRead();
        result = Read(pipe);
        Assert.True(result.IsCanceled);
        AssertHas(pipe, pipe.Written, result);
        pipe.Reader.AdvanceTo(result.Buffer.Start);
        result = Read(pipe);
        Assert.False(result.IsCanceled);
        AssertHas(pipe, pipe.Written, result);
        pipe.Reader.AdvanceTo(result.Buffer.End);
    }

    [ContractFact]
    public void After_a_canceled_result_a_read_may_follow_without_an_advance()
    {
        using PipeUnderTest pipe = Open();
        pipe.Write();
        pipe.Reader.CancelPendingRead();
        Assert.True(Read(pipe).IsCanceled);
        pipe.Write();
        ReadResult result = Read(pipe);
        Assert.False(result.IsCanceled);
        AssertHas(pipe, pipe.Written, result);
        pipe.Reader.AdvanceTo(result.Buffer.End);
        Assert.False(pipe.Reader.TryRead(out _));
    }

    [ContractFact]
    public async Task A_token_ends_its_read_and_no_other()
    {
        using PipeUnderTest pipe = Open();
        using CancellationTokenSource over = new();
        over.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pipe.Reader.ReadAsync(over.Token));
        for (int i = 0; i < 20; i++)
        {
            using CancellationTokenSource early = new();
            using CancellationTokenSource late = new();
            Task<ReadResult> read = pipe.Reader.ReadAsync(early.Token).AsTask();
            Assert.False(read.IsCompleted);
            early.Cancel();
            OperationCanceledException thrown =
                await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Within(read));
            Assert.Equal(early.Token, thrown.CancellationToken);
            read = pipe.Reader.ReadAsync(late.Token).AsTask();
            Assert.False(read.IsCompleted);
            pipe.Write();
            ReadResult result = await Within(read);
            pipe.Reader.AdvanceTo(result.Buffer.End);
            read = pipe.Reader.ReadAsync().AsTask();
            late.Cancel();
            Assert.False(read.IsCompleted);
            pipe.Write();
            result = await Within(read);
            AssertHas(pipe, pipe.Written.Skip((2 * i) + 1), result);
            pipe.Reader.AdvanceTo(result.Buffer.End);
        }
    }

    [ContractFact]
    public async Task The_end_completes_the_pending_read_and_all_that_follow()
    {
        using PipeUnderTest pipe = Open();
        Task<ReadResult> read = pipe.Reader.ReadAsync().AsTask();
        Assert.False(read.IsCompleted);
        pipe.End();
        ReadResult result = await Within(read);
        for (int i = 0; i < 3; i++)
        {
            Assert.True(result.IsCompleted);
            Assert.True(result.Buffer.IsEmpty);
            pipe.Reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            result = i == 0 ? Read(pipe) : await Within(pipe.Reader.ReadAsync().AsTask());
        }
    }

    [ContractFact]
    public async Task The_end_at_rest_completes_the_next_read()
    {
        using PipeUnderTest pipe = Open();
        pipe.Write(2);
        pipe.Reader.AdvanceTo(Read(pipe).Buffer.End);
        pipe.End();
        for (int i = 0; i < 3; i++)
        {
            ReadResult result = await Within(pipe.Reader.ReadAsync().AsTask());
            Assert.True(result.IsCompleted);
            Assert.True(result.Buffer.IsEmpty);
            pipe.Reader.AdvanceTo(result.Buffer.End);
        }
    }

    [ContractFact]
    public async Task The_end_leaves_a_result_as_it_is()
    {
        using PipeUnderTest pipe = Open();
        pipe.Write(3);
        ReadResult result = Read(pipe);
        pipe.End();
        AssertHas(pipe, pipe.Written, result);
        pipe.Reader.AdvanceTo(result.Buffer.End);
        Assert.True((await Within(pipe.Reader.ReadAsync().AsTask())).IsCompleted);
    }

    [ContractFact]
    public async Task Completed_it_can_not_be_read_and_nothing_else_throws()
    {
        using PipeUnderTest pipe = Open();
        pipe.Write(2);
        ReadResult result = Read(pipe);
        pipe.Reader.Complete();
        pipe.Reader.Complete(new IOException());
        await pipe.Reader.CompleteAsync();
        pipe.Reader.CancelPendingRead();
        SequencePosition end = result.Buffer.End;
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pipe.Reader.ReadAsync());
        Assert.Throws<InvalidOperationException>(() => pipe.Reader.TryRead(out _));
        Assert.Throws<InvalidOperationException>(() => pipe.Reader.AdvanceTo(end));
    }

    [ContractFact]
    public async Task Its_stream_is_one_and_reads_every_byte()
    {
        using PipeUnderTest pipe = Open();
        Stream stream = pipe.Reader.AsStream();
        Assert.Same(stream, pipe.Reader.AsStream());
        pipe.Write(10);
        ReadResult result = Read(pipe);
        long length = result.Buffer.Length;
        pipe.Reader.AdvanceTo(result.Buffer.Start);

        // In pieces that end anywhere in a unit.
        byte[] bytes = new byte[length];
        for (int at = 0; at < length;)
            at += await stream.ReadAsync(bytes.AsMemory(at, Math.Min(5, bytes.Length - at))).AsTask().WaitAsync(Patience);

        AssertSameNumbers(pipe, pipe.ParseCopy(new ReadOnlySequence<byte>(bytes)));
        Assert.False(pipe.Reader.TryRead(out _));
        pipe.End();
        Assert.Equal(0, await stream.ReadAsync(bytes).AsTask().WaitAsync(Patience));
        Assert.Equal(0, await stream.ReadAsync(bytes).AsTask().WaitAsync(Patience));
    }

    [ContractFact]
    public async Task Copying_goes_on_to_the_end()
    {
        using PipeUnderTest pipe = Open();
        Pipe destination = new(new PipeOptions(pauseWriterThreshold: 0));
        pipe.Write(3);
        Task copying = pipe.Reader.CopyToAsync(destination.Writer);
        ReadResult copied;
        for (int round = 0; round < 10; round++)
        {
            pipe.Write();
            while (true)
            {
                copied = await Within(destination.Reader.ReadAsync().AsTask());
                if (pipe.ParseCopy(copied.Buffer).Count == pipe.Written.Count)
                    break;

                destination.Reader.AdvanceTo(copied.Buffer.Start, copied.Buffer.End);
            }

            AssertSameNumbers(pipe, pipe.ParseCopy(copied.Buffer));
            destination.Reader.AdvanceTo(copied.Buffer.Start, copied.Buffer.End);
        }

        pipe.End();
        await copying.WaitAsync(Patience);
    }

    [ContractFact]
    public async Task A_copy_that_fails_leaves_the_reader_at_rest()
    {
        using PipeUnderTest pipe = Open();
        Pipe destination = new();
        await destination.Reader.CompleteAsync();
        pipe.Write(2);
        await pipe.Reader.CopyToAsync(destination.Writer).WaitAsync(Patience);
        using CancellationTokenSource source = new();
        Task copying = pipe.Reader.CopyToAsync(Stream.Null, source.Token);
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => copying.WaitAsync(Patience));
        await Assert.ThrowsAsync<NotSupportedException>(() => Copy(pipe, new MemoryStream([], writable: false)));
        ReadResult result = Read(pipe);
        AssertHas(pipe, pipe.Written.TakeLast(1), result);
        pipe.Reader.AdvanceTo(result.Buffer.End);
    }

    private static async Task Copy(PipeUnderTest pipe, Stream destination)
    {
        pipe.Write();
        await pipe.Reader.CopyToAsync(destination).WaitAsync(Patience);
    }

    private static void AssertSameNumbers(PipeUnderTest pipe, List<long> numbers) =>
        Assert.Equal(pipe.Written.Select(static unit => unit.Number).Order(), numbers.Order());
}
