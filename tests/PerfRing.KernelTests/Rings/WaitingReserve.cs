using PerfRing.Interop;
using PerfRing.KernelTests.Readers;
using PerfRing.Testing;

namespace PerfRing.KernelTests.Rings;

/// <summary>A reserve on a thread of its own, which has been asleep in the kernel once this object is made.</summary>
internal sealed class WaitingReserve
{
    private readonly Thread _thread;
    private Exception? _failure;
    private bool _reserved;
    private volatile int _tid;

    internal WaitingReserve(BpfUserRing ring, int length, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        _thread = new Thread(() =>
        {
            Shim.GetTid(out int tid);
            _tid = tid;
            try
            {
                _reserved = ring.Reserve(length, timeout, out BpfUserReservation reservation, cancellationToken);
                if (_reserved)
                    UserRingEcho.Fill(reservation.Bytes, length);

                reservation.Submit();
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                _failure = e;
            }
        });
        _thread.IsBackground = true;
        _thread.Start();
        Wait.Until(() => Waiting.IsAsleepInEpoll(_tid), "the reserve to sleep in epoll");
    }

    internal bool IsOver => !_thread.IsAlive;

    internal bool Result()
    {
        Assert.True(_thread.Join(TimeSpan.FromSeconds(20)), "the reserve never returned");
        return _failure is null ? _reserved : throw _failure;
    }
}
