using System.Diagnostics;

namespace PerfRing.Testing;

/// <summary>A program of the system that a test runs to its end.</summary>
internal static class Command
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Where Debian puts the tools of administrators, which is not on everybody's path.</summary>
    private const string AdministratorsPath = "/usr/sbin:/sbin";

    /// <summary>Runs it, and returns what it printed.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    /// <exception cref="InvalidOperationException">It failed; the message ends with what it said.</exception>
    /// <exception cref="TimeoutException">It did not end within a minute, or the time given, and was killed.</exception>
    internal static string Run(string program, params string[] arguments) => Run(Patience, program, arguments);

    /// <summary>Runs one that may take its time.</summary>
    /// <inheritdoc cref="Run(string, string[])"/>
    internal static string Run(TimeSpan patience, string program, params string[] arguments)
    {
        ProcessStartInfo start = new(Find(program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{Line(program, arguments)} did not end within {patience.TotalSeconds} s.");
        }

        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"{Line(program, arguments)} ended with exit code {process.ExitCode}:\n{errors.Result}{output.Result}");
        }

        return output.Result;
    }

    private static string Find(string program) => AdministratorsPath.Split(':')
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) ?? program;

    private static string Line(string program, string[] arguments) => string.Join(' ', arguments.Prepend(program));
}
