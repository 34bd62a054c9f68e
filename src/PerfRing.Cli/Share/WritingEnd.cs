using System.Runtime.InteropServices;

namespace PerfRing.Cli.Share;

/// <summary>Ends writing by a signal: nothing more is read of stdin, and what was read has a little time to find room.</summary>
/// <remarks>A second signal does what signals do.</remarks>
internal sealed class WritingEnd : IDisposable
{
    /// <summary>Long for a reader that is there, short for a user where none is.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly StandardInput _input;
    private readonly CancellationTokenSource _giveUp = new();
    private readonly PosixSignalRegistration[] _signals;
    private bool _over;

    internal WritingEnd(StandardInput input)
    {
        _input = input;
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        ];
    }

    /// <summary>Whether a signal came.</summary>
    internal bool IsRequested { get; private set; }

    /// <summary>When waiting for room has no sense any more.</summary>
    internal CancellationToken GiveUp => _giveUp.Token;

    public void Dispose()
    {
        // A callback may be running.
        lock (_gate)
            _over = true;

        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();

        _giveUp.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        lock (_gate)
        {
            if (IsRequested || _over)
                return;

            context.Cancel = IsRequested = true;
            _input.Stop();
            _giveUp.CancelAfter(Grace);
        }
    }
}
