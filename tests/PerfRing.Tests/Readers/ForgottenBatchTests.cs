using System.Runtime.CompilerServices;
using PerfRing.Memory;
using PerfRing.Testing;

namespace PerfRing.Tests.Readers;

/// <summary>No finalizer unmaps memory under a batch, whatever the caller forgot.</summary>
public sealed class ForgottenBatchTests
{
    [Fact]
    public void A_batch_that_is_out_keeps_a_ring_that_nobody_else_holds()
    {
        Forgotten forgotten = ReadAndForget(disposeBatch: false);
        Collect();
        Assert.True(forgotten.Ring.IsAlive);
    }

    [Fact]
    public unsafe void The_memory_of_a_forgotten_batch_stays_readable()
    {
        Forgotten forgotten = ReadAndForget(disposeBatch: false);
        Collect();
        Assert.False(((Mapping)forgotten.Mapping.Target!).IsClosed);

        // Were it unmapped, this would end the process.
        Assert.Equal((uint)RecordKind.Sample, *(uint*)forgotten.FirstRecord);
    }

    [Fact]
    public void Once_the_batch_was_disposed_a_forgotten_reader_is_collected()
    {
        Forgotten forgotten = ReadAndForget(disposeBatch: true);
        Wait.Until(
            () =>
            {
                Collect();
                return !forgotten.Ring.IsAlive && !forgotten.Mapping.IsAlive;
            },
            "the ring and its mapping to be collected");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe Forgotten ReadAndForget(bool disposeBatch)
    {
        // Neither the fake nor the reader is disposed: the finalizer of the mapping is what is on trial.
        FakePerfRing ring = new();
        ring.WriteNumbers(1, 3);
        FakeReader reader = new(ring);
        RecordBatch batch = reader.Read(TimeSpan.Zero);
        Shown.Numbers(batch);
        if (disposeBatch)
            batch.Dispose();

        return new Forgotten(
            new WeakReference(ring.Ring), new WeakReference(ring.Mapping, trackResurrection: true), (nint)ring.Data);
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }

    private sealed record Forgotten(WeakReference Ring, WeakReference Mapping, nint FirstRecord);
}
