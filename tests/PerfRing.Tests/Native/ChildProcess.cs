using System.Diagnostics;

namespace PerfRing.Tests.Native;

/// <summary>What a program that ran to its end said.</summary>
internal sealed record ChildProcess(int ExitCode, string Output, string Errors)
{
    /// <summary>Far more than a compiler needs for seven small files on a slow, busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The lines that the program printed; fails with what it complained of, if it did not succeed.</summary>
    internal string[] Lines
    {
        get
        {
            Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Errors}{Output}");
            return Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    internal static Task<ChildProcess> Run(string program, params string[] arguments) =>
        Run(new Dictionary<string, string?>(), program, arguments);

    /// <param name="environment">Variables to set beside those of this process.</param>
    /// <param name="program">A name on the path, or a path.</param>
    /// <param name="arguments">The arguments, unquoted.</param>
    internal static async Task<ChildProcess> Run(
        IReadOnlyDictionary<string, string?> environment, string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };

        // Output is parsed: no tool may translate it.
        start.Environment["LC_ALL"] = "C";
        foreach ((string name, string? value) in environment)
            start.Environment[name] = value;

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException(
                $"{program} {string.Join(' ', arguments)} ran for {Patience}.\n{await errors}{await output}");
        }

        return new ChildProcess(process.ExitCode, await output, await errors);
    }
}
