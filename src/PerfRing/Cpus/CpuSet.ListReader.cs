namespace PerfRing;

public sealed partial class CpuSet
{
    /// <summary>Reads one CPU list from left to right and remembers what stopped it.</summary>
    private ref struct ListReader(string list)
    {
        private readonly ReadOnlySpan<char> _text = list.AsSpan().TrimEnd();
        private int _position;

        /// <summary>What is wrong with the list, when <see cref="Read"/> returned null.</summary>
        internal string? Error { get; private set; }

        internal CpuSet? Read()
        {
            var builder = new Builder();
            while (SkipSeparators())
            {
                if (!ReadRegion(ref builder))
                    return null;
            }

            return builder.Build();
        }

        /// <summary>Like the kernel, takes any run of commas and blanks as one separator, also in front of the list.</summary>
        /// <returns>False at the end of the list.</returns>
        private bool SkipSeparators()
        {
            while (_position < _text.Length && IsSeparator(_text[_position]))
                _position++;

            return _position < _text.Length;
        }

        // A newline ends the kernel's list. One that text follows is no separator but a second line: refused.
        private static bool IsSeparator(char c) => c is ',' or ' ' or '\t' or '\v' or '\f' or '\r';

        private bool ReadRegion(ref Builder builder)
        {
            int start = _position;
            if (!ReadNumber("a CPU id", HighestId, out int first))
                return false;

            if (AtRegionEnd)
            {
                builder.Add(first, first);
                return true;
            }

            if (!Accept('-', "',' or '-'") || !ReadNumber("the last CPU id of a range", HighestId, out int last))
                return false;

            if (last < first)
                return Fail(start, $"range {first}-{last} runs backwards");

            if (AtRegionEnd)
            {
                builder.Add(first, last);
                return true;
            }

            return Accept(':', "',' or ':'") && ReadGroups(ref builder, first, last);
        }

        /// <summary>The "used/size" behind a range: of each group of that size, its first CPUs.</summary>
        private bool ReadGroups(ref Builder builder, int first, int last)
        {
            int start = _position;
            if (!ReadNumber("how many CPUs of a group to use", int.MaxValue, out int used)
                || !Accept('/', "'/'")
                || !ReadNumber("the size of a group", int.MaxValue, out int size))
                return false;

            if (size == 0 || used > size)
                return Fail(start, $"{used}/{size} takes more CPUs than a group has, or from groups of none");

            if (!AtRegionEnd)
                return Expected("','");

            // Long arithmetic: a group may be larger than any id, and the step over it must not wrap.
            for (long group = first; group <= last && used > 0; group += size)
                builder.Add((int)group, (int)Math.Min(last, group + used - 1));

            return true;
        }

        private readonly bool AtRegionEnd => _position == _text.Length || IsSeparator(_text[_position]);

        private bool ReadNumber(string what, int highest, out int value)
        {
            int start = _position;
            long number = 0;
            while (_position < _text.Length && char.IsAsciiDigit(_text[_position]))
            {
                number = number * 10 + (_text[_position++] - '0');
                if (number > highest)
                {
                    value = 0;
                    return Fail(start, $"{what} is above {highest}");
                }
            }

            value = (int)number;
            return _position > start || Expected(what);
        }

        private bool Accept(char c, string what)
        {
            if (_position == _text.Length || _text[_position] != c)
                return Expected(what);

            _position++;
            return true;
        }

        private bool Expected(string what)
        {
            string found = _position == _text.Length ? "the list ends" : $"'{Printable(_text[_position])}' stands";
            return Fail(_position, $"{found} where {what} is expected");
        }

        private static string Printable(char c) => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString();

        private bool Fail(int position, string problem)
        {
            Error = $"Not a CPU list: at character {position + 1}, {problem}.";
            return false;
        }
    }
}
