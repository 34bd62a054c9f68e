using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using PerfRing.Interop;

namespace PerfRing;

/// <summary>A <see cref="PipeReader"/> whose sequences lie over ring memory.</summary>
/// <remarks>
/// <para>The pipe is in one of three states: at rest; reading, when the reader is in use and a wait may be under way; and with a
/// result out, when the memory is leased. <see cref="AdvanceTo(SequencePosition, SequencePosition)"/> leads back to rest.</para>
/// <para>At rest others may read the reader. Then the bytes that were not consumed are read by them, and the pipe begins anew
/// where they stopped.</para>
/// </remarks>
internal sealed partial class RingPipeReader : PipeReader
{
    private readonly RingReader _reader;
    private readonly RingLog _log;
    private readonly ResultWait _wait;
    private long _readsSeen;
    private int _cancelRequested;
    private volatile bool _isCompleted;
    private Out _out;

    /// <summary>The next result, while the log is well stocked.</summary>
    private ValueTask<ReadResult> _next;

    /// <summary>What the caller has in his hands.</summary>
    private enum Out
    {
        /// <summary>Nothing: an advance would be wrong.</summary>
        Nothing,

        /// <summary>A result.</summary>
        Result,

        /// <summary>A canceled result: as with a Pipe, another read may follow without an advance.</summary>
        CanceledResult,

        /// <summary>The empty result of a reader that is disposed: there is no memory to give back.</summary>
        End,
    }

    internal RingPipeReader(RingReader reader, PipeFraming framing)
    {
        _reader = reader;
        Framing = framing;
        _log = new RingLog(reader.PipeRings, framing);
        _wait = new ResultWait(this);
        _readsSeen = reader.ReadsWithoutPipe;
        reader.PipeWait = _wait;
    }

    /// <summary>What the bytes are.</summary>
    internal PipeFraming Framing { get; }

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (!cancellationToken.IsCancellationRequested && TryReadOn())
            return _next;

        return LookAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (TryReadOn())
        {
            result = _next.Result;
            return true;
        }

        ThrowIfCompleted();
        if (!TryEnter())
        {
            result = Over();
            return true;
        }

        bool found = false;
        try
        {
            found = TryProduce(out result);
            if (found)
                HandOut(result);
            else
                ThrowIfTrapped();

            return found;
        }
        finally
        {
            if (!found)
                _reader.EndRead();
        }
    }

    /// <inheritdoc/>
    protected override ValueTask<ReadResult> ReadAtLeastAsyncCore(int minimumSize, CancellationToken cancellationToken)
    {
        long capacity = 0;
        foreach (Ring ring in _reader.PipeRings)
            capacity += (long)ring.Capacity;

        if (minimumSize > capacity)
        {
            throw new InvalidOperationException(
                $"{minimumSize} bytes can never be there at once: the rings hold {capacity}. Consume what is there instead.");
        }

        return base.ReadAtLeastAsyncCore(minimumSize, cancellationToken);
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        ThrowIfCompleted();
        switch (_out)
        {
            case Out.Nothing:
                throw new InvalidOperationException("There is nothing to advance in: no read has returned since the last one.");
            case Out.End:
                _out = Out.Nothing;
                return;
        }

        // As with a Pipe, the position that is none says nothing: CopyToAsync names it behind the last segment.
        long to = consumed.GetObject() is null ? _log.Consumed : IndexOf(consumed);
        long looked = examined.GetObject() is null ? Math.Max(to, _log.Examined)
            : examined.Equals(consumed) ? to
            : IndexOf(examined);
        if (to < _log.Consumed || looked < to)
        {
            throw new InvalidOperationException(
                "The position is not one of the last result, or goes back: 'consumed' can't lie before what was consumed, nor "
                + "'examined' before that.");
        }

        _log.Advance(to, looked);
        if (_log.IsWellStocked)
            Stock();

        EndResult();
    }

    /// <inheritdoc/>
    public override void CancelPendingRead()
    {
        Interlocked.Exchange(ref _cancelRequested, 1);
        _wait.Look();
    }

    /// <inheritdoc/>
    /// <remarks>Gives the memory back and leaves the reader as it is: what was not consumed stays in the rings, and the reader
    /// may be read in other ways, or disposed.</remarks>
    public override void Complete(Exception? exception = null)
    {
        if (_isCompleted)
            return;

        _isCompleted = true;
        CancelPendingRead();
        EndResultOnce();
    }

    /// <summary>Uses the reader for what the last result held and nobody examined, without a look at the rings, if that is enough
    /// and nothing else is to be told.</summary>
    /// <returns>Whether <see cref="_next"/> is out now.</returns>
    private bool TryReadOn()
    {
        if (_isCompleted || _out != Out.Nothing || !_log.IsWellStocked || !_reader.TryBeginRead())
            return false;

        // In use from here on, so that what the consumer of the reader writes can be looked at.
        if (_log.IsWellStocked && _readsSeen == _reader.ReadsWithoutPipe && Volatile.Read(ref _cancelRequested) == 0
            && !_reader.HasNews)
        {
            _out = Out.Result;
            return true;
        }

        _reader.EndRead();
        return false;
    }

    /// <summary>Makes the next result.</summary>
    /// <remarks>In a method of its own the JIT builds it in its place. In the reading method it makes three copies on the stack, one
    /// after the other, and each is read wider than it was written just before, for which the processor waits: a
    /// third of a read of one record.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Stock() => _next = new ValueTask<ReadResult>(new ReadResult(_log.Bytes, isCanceled: false, isCompleted: false));

    private ValueTask<ReadResult> LookAsync(CancellationToken cancellationToken)
    {
        ThrowIfCompleted();
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);

        if (!TryEnter())
            return new ValueTask<ReadResult>(Over());

        bool goesOn = false;
        try
        {
            if (TryProduce(out ReadResult result))
            {
                HandOut(result);
                goesOn = true;
                return new ValueTask<ReadResult>(result);
            }

            ThrowIfTrapped();

            // From here on the wait ends the use of the reader.
            RingPoller poller = _reader.Poller;
            goesOn = true;
            return _wait.Start(poller, cancellationToken);
        }
        finally
        {
            if (!goesOn)
                _reader.EndRead();
        }
    }

    /// <summary>The result of a reader that is disposed.</summary>
    private ReadResult Over()
    {
        _out = Out.End;
        bool canceled = Interlocked.Exchange(ref _cancelRequested, 0) != 0;
        return new ReadResult(ReadOnlySequence<byte>.Empty, canceled, isCompleted: true);
    }

    /// <summary>Uses the reader.</summary>
    /// <returns>False if the reader is disposed: nothing more will come.</returns>
    /// <exception cref="InvalidOperationException">It is in use.</exception>
    private bool TryEnter()
    {
        if (_out == Out.Result)
            throw new InvalidOperationException("The last result is still out: call AdvanceTo before the next read.");

        if (_out != Out.Nothing)
            EndResult();

        try
        {
            _reader.BeginRead();
        }
        catch (ObjectDisposedException) when (!_reader.IsInUse)
        {
            return false;
        }

        try
        {
            _reader.RequireReadable();
            if (_readsSeen != _reader.ReadsWithoutPipe)
            {
                _readsSeen = _reader.ReadsWithoutPipe;
                _log.Restart();
            }
        }
        catch
        {
            _reader.EndRead();
            throw;
        }

        return true;
    }

    /// <summary>Looks whether there is a result.</summary>
    private bool TryProduce(out ReadResult result)
    {
        // In this order: what was written before the end, or before a flush, belongs to their result.
        bool over = _reader.IsOver;
        bool canceled = (Volatile.Read(ref _cancelRequested) != 0 && Interlocked.Exchange(ref _cancelRequested, 0) != 0)
            || _reader.TryTakeFlush();
        _log.Append(everything: over || canceled);
        if (!over && !canceled && _log.End == _log.Examined)
        {
            result = default;
            return false;
        }

        result = new ReadResult(_log.Bytes, canceled, over);
        return true;
    }

    /// <summary>The reader stays in use until the result is advanced: that is the lease on its memory.</summary>
    private void HandOut(in ReadResult result) =>
        _out = result.IsCanceled ? Out.CanceledResult : Out.Result;

    private void EndResult()
    {
        Out was = _out;
        _out = Out.Nothing;
        if (was != Out.End)
            _reader.EndRead();
    }

    /// <summary>Ends the result, if there is one, while another thread may do the same.</summary>
    private void EndResultOnce()
    {
        if (Interlocked.Exchange(ref _out, Out.Nothing) is Out.Result or Out.CanceledResult)
            _reader.EndRead();
    }

    /// <summary>The index of a position; of an empty result nothing but its own two ends.</summary>
    private long IndexOf(SequencePosition position) =>
        _log.End == _log.Consumed && position.Equals(ReadOnlySequence<byte>.Empty.Start) ? _log.End : _log.IndexOf(position);

    private void ThrowIfCompleted()
    {
        if (_isCompleted)
            throw new InvalidOperationException("Reading is over: this pipe reader was completed.");
    }

    private void ThrowIfTrapped()
    {
        if (_log.FindTrapped() is >= 0 and int ring)
        {
            Ring full = _reader.PipeRings[ring];
            throw new InvalidOperationException(
                $"The ring{(full.Origin.Cpu < 0 ? "" : $" of CPU {full.Origin.Cpu}")} is full of bytes that were examined and "
                + "not consumed: its producer drops every record, and this read would never return. Consume some (after "
                + "CancelPendingRead the next read returns what is there), or open larger rings.");
        }
    }

    /// <summary>The wait of a read.</summary>
    private sealed class ResultWait(RingPipeReader pipe) : AsyncWait<ReadResult>
    {
        internal override Descriptor? Announcer => pipe._reader.Announcer;

        private protected override void BeforeArming() => pipe._reader.Harvest();

        private protected override long NextTime() => pipe._reader.PrepareLook();

        private protected override bool TryProduce(out ReadResult result) => pipe.TryProduce(out result);

        private protected override void Finish(in ReadResult result, bool hasResult)
        {
            if (!hasResult)
            {
                pipe._reader.EndRead();
                return;
            }

            pipe.HandOut(result);

            // Publish, fence, look: either we see that the pipe was completed meanwhile, or that sees the result.
            Interlocked.MemoryBarrier();
            if (pipe._isCompleted)
                pipe.EndResultOnce();
        }
    }
}
