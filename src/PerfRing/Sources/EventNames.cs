using System.Text;

namespace PerfRing;

/// <summary>The names that perf(1) gives to events: words joined by dashes, such as <c>context-switches</c>.</summary>
internal static class EventNames
{
    internal static string Of(SoftwareEvent softwareEvent) => softwareEvent switch
    {
        SoftwareEvent.MinorPageFaults => "minor-faults",
        SoftwareEvent.MajorPageFaults => "major-faults",
        _ => Dashed(softwareEvent.ToString()),
    };

    internal static string Of(HardwareEvent hardwareEvent) => Dashed(hardwareEvent.ToString());

    private static string Dashed(string words)
    {
        StringBuilder name = new();
        foreach (char c in words)
        {
            if (char.IsUpper(c) && name.Length != 0)
                name.Append('-');

            name.Append(char.ToLowerInvariant(c));
        }

        return name.ToString();
    }
}
