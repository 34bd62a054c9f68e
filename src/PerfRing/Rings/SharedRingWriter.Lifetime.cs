using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using PerfRing.Interop;
using PerfRing.Memory;

namespace PerfRing;

/// <content>Who uses the mapping, and who closes it.</content>
/// <remarks>Dispose may come from any thread while another one writes: the mapping must not go away under it. The writing thread
/// says that it is there with a plain store, and looks whether it should not be; Dispose says that it should not, and looks
/// whether it is. That needs a full fence between store and look on both sides, which Dispose runs for both
/// (<see cref="Interlocked.MemoryBarrierProcessWide"/>), so that writing costs two plain accesses. Whoever comes last
/// closes.</remarks>
public sealed partial class SharedRingWriter
{
    private const int Idle = 0;
    private const int InCall = 1;
    private const int InReservation = 2;
    private const int InBatch = 3;

    private int _use;
    private bool _isDisposed;
    private int _isClosed;

    /// <summary>Tells the reservation or batch that is open from those before it.</summary>
    private uint _generation;

    /// <summary>Gives the writer's place up. While a reservation or a batch is open, or another thread is writing, that happens
    /// when it ends; one that waits for room ends now. From any thread; idempotent; does not wait.</summary>
    public void Dispose()
    {
        if (Volatile.Read(ref _isDisposed))
            return;

        bool held = false;
        try
        {
            // For the wakeup at the end. Fails if another Dispose has closed everything by now.
            _mapping.DangerousAddRef(ref held);
            Volatile.Write(ref _isDisposed, true);
            Interlocked.MemoryBarrierProcessWide();
            if (Volatile.Read(ref _use) == Idle)
                Close();

            WakeWaitingWriters();
        }
        catch (ObjectDisposedException)
        {
            // It has, then.
        }
        finally
        {
            if (held)
                _mapping.DangerousRelease();
        }
    }

    internal static SharedRingWriter Open(Descriptor file, SharedRingMapping mapping)
    {
        try
        {
            int slots = mapping.Geometry.ManyProducers ? SharedRingLayout.Slots : 1;
            return new SharedRingWriter(file, mapping, SharedRingPlaces.TakeSlot(file, mapping.Words, slots));
        }
        catch
        {
            file.Dispose();
            mapping.Dispose();
            throw;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Enter()
    {
        if (_use != Idle)
            ThrowInUse();

        Volatile.Write(ref _use, InCall);
        if (Volatile.Read(ref _isDisposed))
            ThrowDisposed();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Exit()
    {
        Volatile.Write(ref _use, Idle);
        if (Volatile.Read(ref _isDisposed))
            Close();
    }

    [DoesNotReturn]
    private void ThrowInUse()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        throw new InvalidOperationException(_use switch
        {
            InReservation => "The last reservation was neither committed nor disposed.",
            InBatch => "A batch of this writer is open: write through it, or dispose it.",
            _ => "Another thread is writing: each thread has its own writer.",
        });
    }

    [DoesNotReturn]
    private void ThrowDisposed()
    {
        Exit();
        throw new ObjectDisposedException(nameof(SharedRingWriter));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Close()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
            return;

        SharedRingPlaces.Leave(_file, (ulong)_slot);
        _mapping.Dispose();
    }
}
