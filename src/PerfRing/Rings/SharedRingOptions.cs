using System.Numerics;
using PerfRing.Memory;

namespace PerfRing;

/// <summary>How a <see cref="SharedRing"/> is made. Immutable; checked when it is made.</summary>
public sealed record SharedRingOptions
{
    /// <summary>The default of <see cref="Capacity"/>: 1 MiB.</summary>
    public const int DefaultCapacity = 1 << 20;

    /// <summary>Bytes for records and their headers of 8 bytes.</summary>
    /// <remarks>Default 1 MiB; 1 byte to 1 GiB, rounded up to a power of two of pages. <see cref="SharedRing.Capacity"/> tells
    /// what it became.</remarks>
    public int Capacity { get; init; } = DefaultCapacity;

    /// <summary>How many writers there may be at a time.</summary>
    /// <remarks>Default <see cref="SharedRingProducers.Many"/>.</remarks>
    public SharedRingProducers Producers { get; init; } = SharedRingProducers.Many;

    /// <summary>Checks the options and computes what they make.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    internal SharedRingGeometry ToGeometry(bool isAsymmetric)
    {
        if (Capacity < 1 || (ulong)Capacity > SharedRingLayout.LargestCapacity)
            throw Out(nameof(Capacity), Capacity, "1 byte to 1 GiB");

        if (!Enum.IsDefined(Producers))
            throw Out(nameof(Producers), Producers, "One or Many");

        uint pageSize = (uint)Environment.SystemPageSize;
        uint capacity = Math.Max(pageSize, BitOperations.RoundUpToPowerOf2((uint)Capacity));
        return new SharedRingGeometry(pageSize, capacity, Producers == SharedRingProducers.Many, isAsymmetric);
    }

    private static ArgumentOutOfRangeException Out(string option, object value, string range) =>
        new(option, value, $"{option} may be {range}.");
}
