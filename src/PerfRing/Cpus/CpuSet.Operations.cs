namespace PerfRing;

public sealed partial class CpuSet
{
    /// <summary>The CPUs that are in this set, in the other, or in both.</summary>
    /// <param name="other">The other set.</param>
    public CpuSet Union(CpuSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        (ulong[] longer, ulong[] shorter) =
            _words.Length >= other._words.Length ? (_words, other._words) : (other._words, _words);
        var words = (ulong[])longer.Clone();
        for (int i = 0; i < shorter.Length; i++)
            words[i] |= shorter[i];

        return FromWords(words);
    }

    /// <summary>The CPUs that are in both sets.</summary>
    /// <param name="other">The other set.</param>
    public CpuSet Intersect(CpuSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var words = new ulong[Math.Min(_words.Length, other._words.Length)];
        for (int i = 0; i < words.Length; i++)
            words[i] = _words[i] & other._words[i];

        return FromWords(words);
    }

    /// <summary>The CPUs that are in this set and not in the other.</summary>
    /// <param name="other">The set to take away.</param>
    public CpuSet Except(CpuSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var words = (ulong[])_words.Clone();
        for (int i = 0; i < Math.Min(words.Length, other._words.Length); i++)
            words[i] &= ~other._words[i];

        return FromWords(words);
    }
}
