namespace PerfRing;

public sealed partial class CpuSet
{
    /// <summary>Gathers the words of a set that is being made.</summary>
    private struct Builder
    {
        private ulong[] _words;

        public Builder() => _words = [];

        /// <summary>Adds the CPUs from one id to another, both included and both in range.</summary>
        internal void Add(int first, int last)
        {
            if (_words.Length <= last / 64)
                Array.Resize(ref _words, Math.Max(last / 64 + 1, Math.Min(_words.Length * 2, HighestId / 64 + 1)));

            for (int word = first / 64; word <= last / 64; word++)
            {
                ulong bits = ulong.MaxValue;
                if (word == first / 64)
                    bits &= ulong.MaxValue << (first % 64);
                if (word == last / 64)
                    bits &= ulong.MaxValue >> (63 - last % 64);

                _words[word] |= bits;
            }
        }

        internal readonly CpuSet Build() => FromWords(_words);
    }
}
