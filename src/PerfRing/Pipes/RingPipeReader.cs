using System.Buffers;
using System.IO.Pipelines;
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
    private bool _isCompleted;

    /// <summary>Whether a result is out. A canceled one may be followed by another read without an advance, as with a Pipe.</summary>
    private bool _isOut;
    private bool _isTentative;

    internal RingPipeReader(RingReader reader)
    {
        _reader = reader;
        _log = new RingLog(reader.PipeRings);
        _wait = new ResultWait(this);
        _readsSeen = reader.ReadsWithoutPipe;
        reader.PipeWait = _wait;
    }

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfCompleted();
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);

        if (!TryEnter())
            return new ValueTask<ReadResult>(Over());

        bool waits = false;
        try
        {
            if (TryProduce(out ReadResult result))
            {
                HandOut(result);
                waits = true;
                return new ValueTask<ReadResult>(result);
            }

            ThrowIfTrapped();

            // From here on the wait ends the use of the reader.
            waits = true;
            return _wait.Start(_reader.Poller, cancellationToken);
        }
        finally
        {
            if (!waits)
                _reader.EndRead();
        }
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
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
        if (!_isOut)
            throw new InvalidOperationException("There is nothing to advance in: no read has returned since the last advance.");

        long to = IndexOf(consumed);
        long looked = IndexOf(examined);
        if (to < _log.Consumed || looked < to || looked < _log.Examined)
        {
            throw new InvalidOperationException(
                "The position is not one of the last result, or goes back: 'consumed' can't lie before what was consumed, nor "
                + "'examined' before that or before what was examined.");
        }

        _log.Advance(to, looked);
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
        if (_isOut)
            EndResult();
    }

    private static ReadResult Over() => new(ReadOnlySequence<byte>.Empty, isCanceled: false, isCompleted: true);

    /// <summary>Uses the reader.</summary>
    /// <returns>False if the reader is disposed: nothing more will come.</returns>
    /// <exception cref="InvalidOperationException">It is in use.</exception>
    private bool TryEnter()
    {
        if (_isOut && _isTentative)
            EndResult();

        if (_reader.IsDisposed && !_isOut)
            return false;

        try
        {
            _reader.BeginRead();
        }
        catch (ObjectDisposedException)
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
        _log.Append();

        // In this order: the last bytes may have come just before the end.
        bool over = _reader.IsOver;
        bool canceled = Interlocked.Exchange(ref _cancelRequested, 0) != 0 || _reader.TryTakeFlush();
        if (!over && !canceled && _log.End == _log.Examined)
        {
            result = default;
            return false;
        }

        result = new ReadResult(_log.Bytes, canceled, over);
        return true;
    }

    private void HandOut(in ReadResult result)
    {
        _reader.ReadBecomesLease();
        _isTentative = result.IsCanceled;
        _isOut = true;
    }

    private void EndResult()
    {
        _isOut = false;
        _reader.EndLease();
    }

    /// <summary>The index of a position; of an empty result nothing but its own two ends.</summary>
    private long IndexOf(SequencePosition position)
    {
        if (_log.End == _log.Consumed
            && (position.Equals(default) || position.Equals(ReadOnlySequence<byte>.Empty.Start)))
        {
            return _log.End;
        }

        return _log.IndexOf(position);
    }

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
                $"The ring{(full.Origin.Cpu < 0 ? "" : $" of CPU {full.Origin.Cpu}")} is full of bytes that were examined and not "
                + "consumed: its producer drops every record, and this read would never return. Consume some, or open larger rings.");
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
            if (hasResult)
                pipe.HandOut(result);
            else
                pipe._reader.EndRead();
        }
    }
}
