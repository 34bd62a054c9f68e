namespace PerfRing.Tests.SharedRings;

public sealed class ManyWritersTests() : WriterContract(SharedRingProducers.Many)
{
    [Fact]
    public void Discarded_records_are_passed_over_and_counted()
    {
        Assert.True(Writer.TryReserve(3, out SharedRingReservation reservation));
        reservation.Discard();
        Assert.True(Writer.TryWrite(1));
        Assert.Equal([1], Reader.Numbers());
        Assert.Equal(1ul, Reader.ReadLosses().Cpus[0].Discarded);
    }
}
