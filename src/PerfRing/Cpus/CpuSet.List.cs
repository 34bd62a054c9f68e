using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace PerfRing;

public sealed partial class CpuSet
{
    /// <summary>Reads a CPU list as the kernel writes and accepts it, such as <c>0-3,8</c>.</summary>
    /// <param name="list">
    /// Ids and ranges, separated by commas or blanks; <c>0-30:1/2</c> takes the first CPU of every two in 0 to 30
    /// (bitmap_parselist in the kernel's lib/bitmap-str.c). White space around the list is ignored, and an empty list is
    /// the empty set. The kernel's words <c>all</c> and <c>N</c> are refused, since they depend on the machine: see
    /// <see cref="CpuTopology"/>.
    /// </param>
    /// <exception cref="FormatException">The text is no CPU list; the message says what is wrong at which character.</exception>
    public static CpuSet Parse(string list)
    {
        ArgumentNullException.ThrowIfNull(list);
        var reader = new ListReader(list);
        return reader.Read() ?? throw new FormatException(reader.Error);
    }

    /// <summary>Reads a CPU list as <see cref="Parse"/> does, and tells whether it is one.</summary>
    /// <param name="list">The text; null is no CPU list.</param>
    /// <param name="cpus">The set, or null where the text is no CPU list.</param>
    public static bool TryParse([NotNullWhen(true)] string? list, [NotNullWhen(true)] out CpuSet? cpus)
    {
        cpus = list is null ? null : new ListReader(list).Read();
        return cpus is not null;
    }

    /// <summary>The set as the kernel prints it: ascending ids, neighbours joined as <c>first-last</c>, such as
    /// <c>0-3,8</c>.</summary>
    /// <returns>The list, without a newline; the empty string for the empty set.</returns>
    public override string ToString()
    {
        var list = new StringBuilder();
        Enumerator cpus = GetEnumerator();
        bool more = cpus.MoveNext();
        while (more)
        {
            int first = cpus.Current;
            int last = first;
            while ((more = cpus.MoveNext()) && cpus.Current == last + 1)
                last++;

            list.Append(list.Length == 0 ? "" : ",").Append(first);
            if (last > first)
                list.Append('-').Append(last);
        }

        return list.ToString();
    }
}
