namespace PerfRing.Tests.SharedRings;

public sealed class OneWriterTests() : WriterContract(SharedRingProducers.One);
