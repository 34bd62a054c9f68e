namespace PerfRing.Cli;

/// <summary>What the user is told beside the data: on stderr, so that stdout stays for other tools to read.</summary>
internal static class Diagnostics
{
    internal static void Say(string message) => Console.Error.WriteLine($"perfring: {message}");
}
