using System.Buffers;
using System.IO.Pipelines;
using Xunit;

namespace PerfRing.Testing;

/// <summary>What holds for every pipe reader: <see cref="Pipe"/> is the control, and a test that it fails is a wrong
/// test.</summary>
public abstract partial class PipeReaderContractTests
{
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Opens an empty one.</summary>
    internal abstract PipeUnderTest Open();

    [ContractFact]
    public void With_nothing_there_is_nothing_to_read()
    {
        using PipeUnderTest pipe = Open();
        Assert.False(pipe.Reader.TryRead(out _));
        Assert.False(pipe.Reader.TryRead(out _));
    }

    [ContractFact]
    public async Task What_was_written_is_read_at_once()
    {
        using PipeUnderTest pipe = Open();
        pipe.Write(3);
        Task<ReadResult> read = pipe.Reader.ReadAsync().AsTask();
        Assert.True(read.IsCompletedSuccessfully);
        ReadResult result = await read;
        Assert.False(result.IsCanceled);
        Assert.False(result.IsCompleted);
        AssertHas(pipe, pipe.Written, result);
        pipe.Reader.AdvanceTo(result.Buffer.End);
        Assert.False(pipe.Reader.TryRead(out _));
    }

    [ContractFact]
    public async Task A_read_waits_for_what_is_written()
    {
        using PipeUnderTest pipe = Open();
        for (int i = 0; i < 20; i++)
        {
            Task<ReadResult> read = pipe.Reader.ReadAsync().AsTask();
            Assert.False(read.IsCompleted);
            pipe.Write();
            ReadResult result = await Within(read);
            AssertHas(pipe, [pipe.Written[i]], result);
            pipe.Reader.AdvanceTo(result.Buffer.End);
        }
    }

    [ContractFact]
    public void What_was_not_consumed_comes_again_with_what_is_new()
    {
        using PipeUnderTest pipe = Open();
        pipe.Write(6);
        List<(int, long)> first = Consume(pipe, units: 2);
        pipe.Write(2);
        List<(int, long)> second = Consume(pipe, units: 6);
        AssertSame(pipe.Written, [.. first, .. second]);
        Assert.False(pipe.Reader.TryRead(out _));
    }

    [ContractFact]
    public async Task With_everything_examined_a_read_waits_for_more_and_returns_old_and_new()
    {
        using PipeUnderTest pipe = Open();
        pipe.Write(2);
        ReadResult result = Read(pipe);
        pipe.Reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        Assert.False(pipe.Reader.TryRead(out _));
        Task<ReadResult> read = pipe.Reader.ReadAsync().AsTask();
        Assert.False(read.IsCompleted);
        pipe.Write();
        result = await Within(read);
        AssertHas(pipe, pipe.Written, result);
        pipe.Reader.AdvanceTo(result.Buffer.End);
    }

    [ContractFact]
    public void With_something_unexamined_a_read_does_not_wait()
    {
        using PipeUnderTest pipe = Open();
        pipe.Write(2);
        ReadResult result = Read(pipe);
        pipe.Reader.AdvanceTo(result.Buffer.Start, pipe.After(result.Buffer, 1));
        result = Read(pipe);
        AssertHas(pipe, pipe.Written, result);
        pipe.Reader.AdvanceTo(pipe.After(result.Buffer, 1));
        result = Read(pipe);
        AssertHas(pipe, pipe.Written.Skip(1), result);
        pipe.Reader.AdvanceTo(result.Buffer.Start);
        AssertHas(pipe, pipe.Written.Skip(1), Read(pipe));
    }

    [ContractFact]
    public void Examined_must_not_lie_before_consumed()
    {
        using PipeUnderTest pipe = Open();
        pipe.Write(3);
        ReadResult result = Read(pipe);
        SequencePosition one = pipe.After(result.Buffer, 1);
        SequencePosition two = pipe.After(result.Buffer, 2);
        Assert.Throws<InvalidOperationException>(() => pipe.Reader.AdvanceTo(two, one));
        AssertHas(pipe, pipe.Written, result);
        pipe.Reader.AdvanceTo(result.Buffer.End);
        Assert.False(pipe.Reader.TryRead(out _));
    }

    [ContractFact]
    public void Examined_may_go_back_and_the_next_read_does_not_wait()
    {
        using PipeUnderTest pipe = Open();
        pipe.Write(3);
        ReadResult result = Read(pipe);
        pipe.Reader.AdvanceTo(result.Buffer.Start, pipe.After(result.Buffer, 2));
        pipe.Reader.AdvanceTo(pipe.After(Read(pipe).Buffer, 1));
        AssertHas(pipe, pipe.Written.Skip(1), Read(pipe));
    }

    [ContractFact]
    public void An_advance_needs_a_read()
    {
        using PipeUnderTest pipe = Open();
        Assert.Throws<InvalidOperationException>(() => pipe.Reader.AdvanceTo(default));
        pipe.Write();
        ReadResult result = Read(pipe);
        SequencePosition end = result.Buffer.End;
        pipe.Reader.AdvanceTo(end);
        Assert.Throws<InvalidOperationException>(() => pipe.Reader.AdvanceTo(end));
    }

    [ContractFact]
    public void The_position_that_is_none_consumes_nothing()
    {
        using PipeUnderTest pipe = Open();
        pipe.Write(2);
        Read(pipe);
        pipe.Reader.AdvanceTo(default);
        ReadResult result = Read(pipe);
        AssertHas(pipe, pipe.Written, result);
        pipe.Reader.AdvanceTo(result.Buffer.End);
    }

    [ContractFact]
    public async Task With_a_result_out_reads_throw()
    {
        using PipeUnderTest pipe = Open();
        pipe.Write(2);
        ReadResult result = Read(pipe);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pipe.Reader.ReadAsync());
        Assert.Throws<InvalidOperationException>(() => pipe.Reader.TryRead(out _));
        AssertHas(pipe, pipe.Written, result);
        pipe.Reader.AdvanceTo(result.Buffer.End);
    }

    [ContractFact]
    public async Task Read_at_least_waits_for_enough()
    {
        using PipeUnderTest pipe = Open();
        pipe.Write();
        ReadResult result = Read(pipe);
        int size = (int)result.Buffer.Length;
        pipe.Reader.AdvanceTo(result.Buffer.Start);
        Task<ReadResult> one = pipe.Reader.ReadAtLeastAsync(size).AsTask();
        Assert.True(one.IsCompleted);
        pipe.Reader.AdvanceTo((await one).Buffer.Start);
        Task<ReadResult> read = pipe.Reader.ReadAtLeastAsync((2 * size) + 1).AsTask();
        Assert.False(read.IsCompleted);
        pipe.Write();
        Assert.False(read.IsCompleted);
        pipe.Write();
        result = await read.WaitAsync(Patience);
        AssertHas(pipe, pipe.Written, result);
        pipe.Reader.AdvanceTo(result.Buffer.End);
    }

    [ContractFact]
    public async Task Any_mix_of_advances_delivers_everything_once()
    {
        using PipeUnderTest pipe = Open();
        Random random = new(5);
        List<(int, long)> consumed = [];
        int held = 0;
        int examined = 0;
        for (int round = 0; round < 400; round++)
        {
            int more = held > 20 ? 0 : random.Next(4);
            bool ready = more > 0 || examined < held;
            if (!ready)
            {
                Assert.False(pipe.Reader.TryRead(out _));
                more = held > 20 ? 0 : 1;
                if (more == 0)
                    pipe.Reader.CancelPendingRead();
            }

            Task<ReadResult>? waiting = ready ? null : pipe.Reader.ReadAsync().AsTask();
            pipe.Write(more);
            held += more;
            ReadResult result = waiting is null ? Read(pipe) : await waiting.WaitAsync(Patience);
            List<(int, long)> units = pipe.Parse(result.Buffer);
            Assert.Equal(held, units.Count);
            Assert.NotEqual(0, held);
            int take = random.Next(held + 1);
            int look = Math.Max(examined, random.Next(take, held + 1));
            SequencePosition to = pipe.After(result.Buffer, take);
            SequencePosition looked = look == held ? result.Buffer.End : pipe.After(result.Buffer, look);
            pipe.Reader.AdvanceTo(to, looked);
            consumed.AddRange(units.Take(take));
            held -= take;
            examined = look - take;
        }

        AssertSame(pipe.Written.Take(consumed.Count + held), [.. consumed, .. Rest(pipe, held)]);
    }

    private protected static async Task<ReadResult> Within(Task<ReadResult> read) => await read.WaitAsync(Patience);

    /// <summary>Reads what is there at once.</summary>
    private protected static ReadResult Read(PipeUnderTest pipe)
    {
        Assert.True(pipe.Reader.TryRead(out ReadResult result));
        return result;
    }

    private protected static void AssertHas(
        PipeUnderTest pipe, IEnumerable<(int Ring, long Number)> units, in ReadResult result) =>
        AssertSame(units, pipe.Parse(result.Buffer));

    /// <summary>Each ring has an order, the rings have none among themselves.</summary>
    private protected static void AssertSame(
        IEnumerable<(int Ring, long Number)> written, IEnumerable<(int Ring, long Number)> read) =>
        Assert.Equal(written.OrderBy(static unit => unit.Ring), read.OrderBy(static unit => unit.Ring));

    private static List<(int Ring, long Number)> Consume(PipeUnderTest pipe, int units)
    {
        ReadResult result = Read(pipe);
        List<(int, long)> consumed = pipe.Parse(result.Buffer)[..units];
        pipe.Reader.AdvanceTo(pipe.After(result.Buffer, units));
        return consumed;
    }

    private static List<(int Ring, long Number)> Rest(PipeUnderTest pipe, int held)
    {
        if (held == 0)
            return [];

        pipe.Reader.CancelPendingRead();
        ReadResult result = Read(pipe);
        List<(int, long)> rest = pipe.Parse(result.Buffer);
        pipe.Reader.AdvanceTo(result.Buffer.End);
        return rest;
    }
}
