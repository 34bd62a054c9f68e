namespace PerfRing;

/// <summary>Finds the tracepoints that a mistyped name may have meant.</summary>
internal static class NearestNames
{
    private const int Most = 5;

    /// <summary>The nearest names, best first: those a few typing errors away, then those that contain what was asked
    /// for.</summary>
    internal static IReadOnlyList<string> Find(string wanted, IEnumerable<string> names)
    {
        ReadOnlySpan<char> wantedName = NameOf(wanted);
        var found = new List<(int Distance, string Name)>();
        foreach (string name in names)
        {
            int distance = Distance(wanted, wantedName, name);
            if (distance >= 0)
                found.Add((distance, name));
        }

        found.Sort(static (a, b) => a.Distance != b.Distance
            ? a.Distance.CompareTo(b.Distance)
            : string.CompareOrdinal(a.Name, b.Name));
        return found.Take(Most).Select(static f => f.Name).ToArray();
    }

    /// <summary>How far a name is from the wanted one, or -1 when it is no suggestion.</summary>
    private static int Distance(string wanted, ReadOnlySpan<char> wantedName, string name)
    {
        // The right event in the wrong subsystem.
        ReadOnlySpan<char> eventName = NameOf(name);
        if (eventName.Equals(wantedName, StringComparison.OrdinalIgnoreCase))
            return 0;

        // One typing error in every six letters still looks like the same word.
        int edits = EditDistance(wanted, name);
        if (edits <= Math.Max(2, wanted.Length / 6))
            return edits;

        // A part of a name, as in sched:switch, or a name with something too much. Short parts would match everything.
        const int shortest = 4;
        bool part = wantedName.Length >= shortest && eventName.Contains(wantedName, StringComparison.OrdinalIgnoreCase);
        bool whole = eventName.Length >= shortest && wantedName.Contains(eventName, StringComparison.OrdinalIgnoreCase);
        return part || whole ? 1000 + edits : -1;
    }

    private static ReadOnlySpan<char> NameOf(string name) => name.AsSpan(name.IndexOf(':', StringComparison.Ordinal) + 1);

    /// <summary>The least number of letters to insert, delete or replace, or of neighbours to swap (optimal string
    /// alignment).</summary>
    internal static int EditDistance(ReadOnlySpan<char> from, ReadOnlySpan<char> to)
    {
        // Row i holds the distances of the first i letters of one name to every beginning of the other; three rows suffice.
        int[] beforeLast = new int[to.Length + 1], last = new int[to.Length + 1], row = new int[to.Length + 1];
        for (int j = 0; j <= to.Length; j++)
            row[j] = j;

        for (int i = 1; i <= from.Length; i++)
        {
            (beforeLast, last, row) = (last, row, beforeLast);
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int replaced = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }
        }

        return row[to.Length];
    }
}
