using System.Text;
using PerfRing.Cli.Output;

namespace PerfRing.Cli;

/// <summary>What the user is told beside the data: on stderr, so that stdout stays for other tools to read.</summary>
internal static class Diagnostics
{
    internal static void Say(string message) => Write($"perfring: {message}\n");

    /// <summary>Writes lines as they are. That stderr is closed is nothing that anybody could be told.</summary>
    internal static void Write(string lines) => StandardStream.Error.Write(Encoding.UTF8.GetBytes(lines));
}
