using PerfRing.Testing;

namespace PerfRing.KernelTests.Rings;

[Collection(Machine.Name)]
public sealed class BpfUserRingAllocationTests
{
    [KernelFact(Needs.Bpf)]
    public void Writing_in_every_way_allocates_nothing()
    {
        using UserRingEcho echo = new();
        byte[] record = new byte[40];
        UserRingEcho.Fill(record, 1);
        long bytes = AllocatedBy(() =>
        {
            Assert.True(echo.Ring.TryReserve(40, out BpfUserReservation submitted));
            using (submitted)
            {
                record.CopyTo(submitted.Bytes);
                submitted.Submit();
            }

            Assert.True(echo.Ring.TryReserve(40, out BpfUserReservation discarded));
            discarded.Discard();
            Assert.True(echo.Ring.TryWrite(record));
            if (echo.DrainTo(static _ => { }) != 2)
                Assert.Fail("two of three records were submitted");
        });
        Assert.Equal(0, bytes);
    }

    [KernelFact(Needs.Bpf)]
    public void Waiting_with_a_deadline_and_a_token_allocates_nothing()
    {
        using UserRingEcho echo = new();
        using CancellationTokenSource source = new();
        echo.Write(1, echo.Ring.LargestRecord);
        int reserved = 0;
        long bytes = AllocatedBy(() =>
            reserved += echo.Ring.Reserve(8, TimeSpan.FromMicroseconds(20), out _, source.Token) ? 1 : 0);
        Assert.Equal((0, 0), (bytes, reserved));
    }

    /// <summary>The bytes that a thousand rounds allocate on this thread, after rounds enough for the JIT to be done.</summary>
    private static long AllocatedBy(Action round)
    {
        for (int i = 0; i < 200; i++)
            round();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
            round();

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
