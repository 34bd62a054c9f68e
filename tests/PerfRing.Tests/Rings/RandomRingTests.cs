using PerfRing.Testing;

namespace PerfRing.Tests.Rings;

/// <summary>Random use of one to three rings against a queue: everything in order, once, and every count exact.</summary>
public sealed class RandomRingTests
{
    private const int Steps = 3_000;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void What_is_produced_is_delivered_lost_or_abandoned_exactly(int seed)
    {
        Random random = new(seed);
        RandomRing[] rings = new RandomRing[random.Next(1, 4)];
        for (int cpu = 0; cpu < rings.Length; cpu++)
            rings[cpu] = new RandomRing(cpu, random);

        using FakeReader reader = new([.. rings.Select(static ring => ring.Fake)]);
        RandomConsumer consumer = new(reader, rings, random);
        for (int step = 0; step < Steps; step++)
        {
            try
            {
                foreach (RandomRing ring in rings)
                    ring.WriteSome();

                consumer.ReadSome();
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"Seed {seed}, step {step}: {error.Message}", error);
            }
        }

        consumer.ReadAll();
        foreach (RandomRing ring in rings)
        {
            ring.AssertBooksBalance(reader.Losses(ring.Cpu), $"seed {seed}, CPU {ring.Cpu}");
            ring.Fake.Dispose();
        }
    }
}
