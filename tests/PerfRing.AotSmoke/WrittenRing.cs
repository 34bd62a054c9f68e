namespace PerfRing.AotSmoke;

/// <summary>A ring with its writer and its reader, whose poller finds records by the clock.</summary>
internal sealed class WrittenRing : IDisposable
{
    internal const int PayloadLength = 24;

    private readonly SharedRing _ring = SharedRing.CreateAnonymous(new SharedRingOptions { Capacity = 4096 });
    private readonly SharedRingWriter _writer;
    private readonly byte[] _payload = new byte[PayloadLength];

    internal WrittenRing(RingPoller poller)
    {
        _writer = _ring.OpenWriter();
        Reader = SharedRingReader.Open(
            _ring, new SharedRingReaderOptions { Wakeup = Wakeup.Polled.Within(TimeSpan.FromMicroseconds(100)) });
        Reader.Poller = poller;
    }

    internal SharedRingReader Reader { get; }

    internal void Write()
    {
        if (!_writer.TryWrite(_payload))
            throw new InvalidOperationException("no room");
    }

    public void Dispose()
    {
        Reader.Dispose();
        _writer.Dispose();
        _ring.Dispose();
    }
}
