using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PerfRing;

/// <summary>An immutable set of CPU ids, as the kernel numbers them: gaps are normal, and an id is not a position.</summary>
/// <remarks>
/// Ids run from 0 to <see cref="HighestId"/>. The text form is the kernel's CPU list (cpuset(7), "List format").
/// Any thread may use a set at any time. Two sets with the same ids are equal.
/// </remarks>
[CollectionBuilder(typeof(CpuSet), nameof(Of))]
public sealed partial class CpuSet : IReadOnlyCollection<int>, IEquatable<CpuSet>
{
    /// <summary>The highest CPU id that a set can hold: a mask of that size takes 128 KiB.</summary>
    public const int HighestId = 1_048_575;

    // Bit n of word n / 64 stands for CPU n. The last word is never zero, so that equal sets have equal words.
    private readonly ulong[] _words;

    private CpuSet(ulong[] words)
    {
        _words = words;
        foreach (ulong word in words)
            Count += BitOperations.PopCount(word);
    }

    /// <summary>The set without a CPU.</summary>
    public static CpuSet Empty { get; } = new([]);

    /// <summary>How many CPUs are in the set.</summary>
    public int Count { get; }

    /// <summary>The lowest CPU id in the set.</summary>
    /// <exception cref="InvalidOperationException">The set is empty.</exception>
    public int First
    {
        get
        {
            Enumerator cpus = GetEnumerator();
            return cpus.MoveNext() ? cpus.Current : throw new InvalidOperationException("An empty CPU set has no first CPU.");
        }
    }

    /// <summary>The set as the kernel's calls take it, without zero words at the end.</summary>
    internal ReadOnlySpan<ulong> Words => _words;

    /// <summary>The set of the given CPUs, in any order; repeated ids count once.</summary>
    /// <param name="cpus">CPU ids, each from 0 to <see cref="HighestId"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is out of range.</exception>
    public static CpuSet Of(params ReadOnlySpan<int> cpus)
    {
        var builder = new Builder();
        foreach (int cpu in cpus)
        {
            Require(cpu, nameof(cpus));
            builder.Add(cpu, cpu);
        }

        return builder.Build();
    }

    /// <summary>The set of all CPUs from one id to another, both included.</summary>
    /// <param name="first">The lowest CPU id, at least 0.</param>
    /// <param name="last">The highest CPU id, from <paramref name="first"/> to <see cref="HighestId"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is out of range, or the last lies before the first.</exception>
    public static CpuSet Range(int first, int last)
    {
        Require(first, nameof(first));
        Require(last, nameof(last));
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        var builder = new Builder();
        builder.Add(first, last);
        return builder.Build();
    }

    /// <summary>The set that an affinity mask of the kernel stands for.</summary>
    internal static CpuSet FromWords(ReadOnlySpan<ulong> words)
    {
        int length = words.LastIndexOfAnyExcept(0UL) + 1;
        return length == 0 ? Empty : new CpuSet(words[..length].ToArray());
    }

    /// <summary>Whether a CPU is in the set. An id out of range is in no set.</summary>
    /// <param name="cpu">The CPU id.</param>
    public bool Contains(int cpu) => (uint)cpu / 64 < (uint)_words.Length && (_words[cpu / 64] >> (cpu % 64) & 1) != 0;

    /// <summary>Whether both sets hold the same CPUs.</summary>
    /// <param name="other">The set to compare with.</param>
    public bool Equals(CpuSet? other) => other is not null && _words.AsSpan().SequenceEqual(other._words);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CpuSet);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(MemoryMarshal.AsBytes<ulong>(_words));
        return hash.ToHashCode();
    }

    /// <summary>Whether two sets hold the same CPUs.</summary>
    /// <param name="left">One set.</param>
    /// <param name="right">The other set.</param>
    public static bool operator ==(CpuSet? left, CpuSet? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether two sets differ.</summary>
    /// <param name="left">One set.</param>
    /// <param name="right">The other set.</param>
    public static bool operator !=(CpuSet? left, CpuSet? right) => !(left == right);

    /// <exception cref="ArgumentOutOfRangeException">The id of the named parameter is no CPU id.</exception>
    internal static void Require(int cpu, string parameter)
    {
        if ((uint)cpu > HighestId)
            throw new ArgumentOutOfRangeException(parameter, cpu, $"A CPU id lies between 0 and {HighestId}.");
    }
}
