using System.Collections;
using System.Numerics;

namespace PerfRing;

public sealed partial class CpuSet
{
    /// <summary>Walks the CPU ids in ascending order, without allocating.</summary>
    public Enumerator GetEnumerator() => new(_words);

    /// <inheritdoc/>
    IEnumerator<int> IEnumerable<int>.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Walks the CPU ids of a set in ascending order. For one thread at a time.</summary>
    public struct Enumerator : IEnumerator<int>
    {
        private readonly ulong[] _words;

        // What is left to visit of the word at _index: visited bits are cleared.
        private ulong _rest;
        private int _index;

        internal Enumerator(ulong[] words)
        {
            _words = words;
            _index = -1;
        }

        /// <summary>The CPU id that the last <see cref="MoveNext"/> came to; without meaning before the first call.</summary>
        public int Current { readonly get; private set; }

        /// <inheritdoc/>
        readonly object IEnumerator.Current => Current;

        /// <summary>Goes to the next CPU id.</summary>
        /// <returns>False when all ids have been visited.</returns>
        public bool MoveNext()
        {
            while (_rest == 0)
            {
                if (_index + 1 >= _words.Length)
                    return false;

                _rest = _words[++_index];
            }

            Current = _index * 64 + BitOperations.TrailingZeroCount(_rest);
            _rest &= _rest - 1;
            return true;
        }

        /// <summary>Starts again before the lowest CPU id.</summary>
        public void Reset()
        {
            _index = -1;
            _rest = 0;
        }

        /// <summary>Does nothing: an enumerator holds no resource.</summary>
        public readonly void Dispose()
        {
        }
    }
}
