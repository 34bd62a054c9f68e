namespace PerfRing.AotSmoke;

/// <summary>Waits that a pinned poller serves.</summary>
internal static class PinnedPollerSteps
{
    private const int Readers = 8;
    private const int Rounds = 200;

    internal static async Task<string> Wait(RingPoller poller, int cpu)
    {
        // Begun by a thread that is pinned: what the poller starts would inherit that here, and its own pinning later.
        using WrittenRing first = new(poller);
        Task<bool>? wait = null;
        Thread starter = new(() =>
        {
            using (CpuAffinity.Pin(cpu))
                wait = first.Reader.WaitAsync().AsTask();
        });
        starter.Start();
        starter.Join();
        first.Write();
        await wait!;

        int[] suspended = await Task.WhenAll(Enumerable.Range(0, Readers).Select(_ => WaitOften(poller)));
        return $"waits: {Readers * Rounds}, {(suspended.Sum() > 0 ? "with" : "without")} suspending";
    }

    internal static async Task<string> ReadAll(RingPoller poller)
    {
        using WrittenRing ring = new(poller);
        int read = 0;
        ring.Write();
        await foreach (OwnedRecord record in ring.Reader.ReadAllAsync())
        {
            using (record)
                read += record.Payload.Length == WrittenRing.PayloadLength ? 1 : 0;

            if (read == Rounds)
                break;

            ring.Write();
        }

        return $"read all: {read}";
    }

    private static async Task<int> WaitOften(RingPoller poller)
    {
        await Task.Yield();
        using WrittenRing ring = new(poller);
        int suspended = 0;
        for (int i = 0; i < Rounds; i++)
        {
            ValueTask<bool> wait = ring.Reader.WaitAsync();
            suspended += wait.IsCompleted ? 0 : 1;
            ring.Write();
            await wait;
            ring.Reader.Read(TimeSpan.Zero).Dispose();
        }

        return suspended;
    }
}
