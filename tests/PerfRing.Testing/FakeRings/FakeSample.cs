namespace PerfRing.Testing;

/// <summary>What a <see cref="FakePerfRing"/> writes into the fields that its layout has; the others are left out.</summary>
internal readonly record struct FakeSample
{
    public FakeSample()
    {
    }

    internal ulong EventId { get; init; }

    internal ulong InstructionPointer { get; init; }

    internal int ProcessId { get; init; }

    internal int ThreadId { get; init; }

    internal ulong Time { get; init; }

    internal ulong Address { get; init; }

    internal int Cpu { get; init; }

    internal ulong Period { get; init; }

    internal ulong[] Callers { get; init; } = [];

    internal byte[] Payload { get; init; } = [];
}
