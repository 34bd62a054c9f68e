namespace PerfRing;

/// <summary>How records of several rings are brought in order. Immutable; checked when the merge begins.</summary>
public sealed record MergeOptions
{
    /// <summary>The default of <see cref="HoldBack"/>: 5 ms.</summary>
    public static readonly TimeSpan DefaultHoldBack = TimeSpan.FromMilliseconds(5);

    /// <summary>The default of <see cref="MaximumBytes"/>: 64 MiB.</summary>
    public const long DefaultMaximumBytes = 64L << 20;

    private static readonly TimeSpan LongestHoldBack = TimeSpan.FromMinutes(1);

    /// <summary>How long after its stamp a record is held, so that others with earlier stamps can arrive.</summary>
    /// <remarks>Default 5 ms; zero to one minute, in steps of 100 ns. What arrives later than that after its stamp may be late.</remarks>
    public TimeSpan HoldBack { get; init; } = DefaultHoldBack;

    /// <summary>The most bytes of copies that are held. Beyond it the oldest records are delivered before their time, in order, so
    /// that the rings are never kept waiting; they are counted in <see cref="MergedReader.ReleasedEarly"/>.</summary>
    /// <remarks>Default 64 MiB; at least 4 KiB. A copy takes 24 bytes more than its record. One sweep takes what the rings hold, so the
    /// memory in use may exceed this by the sizes of the rings.</remarks>
    public long MaximumBytes { get; init; } = DefaultMaximumBytes;

    /// <summary>What becomes of records that arrive late.</summary>
    /// <remarks>Default <see cref="LateRecords.DeliverMarked"/>.</remarks>
    public LateRecords Late { get; init; }

    /// <summary>Where in the payload of a record its stamp lies, for rings whose records carry none of the kernel's: BPF ring buffers
    /// and shared rings. 64 bits in the machine's byte order, nanoseconds of CLOCK_MONOTONIC: what bpf_ktime_get_ns() returns.</summary>
    /// <remarks>Default null: there is no such ring. In bytes, at least 0. Records too short to hold a stamp there, and those whose
    /// stamp lies more than 10 ms in the future, are taken for stamped when they were found, and counted in
    /// <see cref="MergedReader.Unstamped"/>.</remarks>
    public int? StampOffset { get; init; }

    /// <summary>The clock of the hold-back, which must be that of the stamps.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    internal void Validate()
    {
        if (HoldBack < TimeSpan.Zero || HoldBack > LongestHoldBack)
            throw Out(nameof(HoldBack), HoldBack, "zero to one minute");

        if (MaximumBytes < 4096)
            throw Out(nameof(MaximumBytes), MaximumBytes, "at least 4 KiB");

        if (!Enum.IsDefined(Late))
            throw Out(nameof(Late), Late, "one of the policies");

        if (StampOffset is < 0)
            throw Out(nameof(StampOffset), StampOffset, "zero or more");
    }

    private static ArgumentOutOfRangeException Out(string option, object? value, string range) =>
        new(option, value, $"{nameof(MergeOptions)}.{option} must be {range}.");
}
