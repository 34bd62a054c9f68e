using System.Diagnostics;
using System.Text;

namespace PerfRing.KernelTests.Cli;

/// <summary>The command-line tool as a process of its own.</summary>
internal sealed class Tool : IDisposable
{
    private const string FileName = "PerfRing.Cli.dll";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private Tool(ProcessStartInfo start, bool isFed)
    {
        start.RedirectStandardInput = isFed;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Where the tool and what it needs were built to.</summary>
    internal static string Folder => AppContext.BaseDirectory;

    internal int ProcessId => _process.Id;

    internal StreamReader Output => _process.StandardOutput;

    /// <summary>What a tool that is fed reads; closed, it is at its end.</summary>
    internal Stream Input => _process.StandardInput.BaseStream;

    internal bool HasExited => _process.HasExited;

    private static string Host => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    internal static Tool Start(params string[] arguments) => StartBehind([], Folder, arguments);

    /// <summary>Starts it with a stdin of its own.</summary>
    internal static Tool StartFed(params string[] arguments) => StartBehind([], Folder, arguments, isFed: true);

    /// <summary>Starts it with a stdin of its own, behind a program that prepares its surroundings.</summary>
    internal static Tool StartFedBehind(string[] preparation, string folder, params string[] arguments) =>
        StartBehind(preparation, folder, arguments, isFed: true);

    /// <summary>Runs it to its end with bytes for stdin, one for each character.</summary>
    internal static async Task<ToolRun> RunFed(string bytes, params string[] arguments)
    {
        using Tool tool = StartFed(arguments);
        try
        {
            await tool.Feed(bytes);
            tool.Input.Close();
        }
        catch (IOException)
        {
            // It ended before it had taken all: its exit code and its message tell why.
        }

        return await tool.End();
    }

    /// <summary>Runs it to its end.</summary>
    internal static async Task<ToolRun> Run(params string[] arguments)
    {
        using Tool tool = Start(arguments);
        return await tool.End();
    }

    /// <summary>Runs it to its end behind a program that prepares its surroundings and then becomes it.</summary>
    /// <param name="preparation">That program with its arguments.</param>
    /// <param name="folder">Where the tool lies.</param>
    /// <param name="arguments">The tool's arguments.</param>
    internal static async Task<ToolRun> RunBehind(string[] preparation, string folder, params string[] arguments)
    {
        using Tool tool = StartBehind(preparation, folder, arguments);
        return await tool.End();
    }

    /// <summary>Waits for the end of a tool whose output is bytes: one for each character.</summary>
    internal async Task<ToolRun> EndBinary()
    {
        using MemoryStream bytes = new();
        await Bounded(CopyOutput(bytes), "end its output");
        await Bounded(Exit(), "end");
        return new ToolRun(_process.ExitCode, Encoding.Latin1.GetString(bytes.ToArray()), await _errors);
    }

    /// <summary>Writes to its stdin, a byte for each character.</summary>
    internal async Task Feed(string bytes)
    {
        await Input.WriteAsync(Encoding.Latin1.GetBytes(bytes));
        await Input.FlushAsync();
    }

    /// <summary>Waits for the end.</summary>
    internal async Task<ToolRun> End()
    {
        Task<string> output = _process.StandardOutput.ReadToEndAsync();
        string text = await Bounded(output, "end its output");
        await Bounded(Exit(), "end");
        return new ToolRun(_process.ExitCode, text, await _errors);
    }

    /// <summary>Waits for the end of a tool whose output nobody can take any more.</summary>
    internal async Task<ToolRun> EndUnread()
    {
        await Bounded(Exit(), "end");
        return new ToolRun(_process.ExitCode, "", await _errors);
    }

    internal async Task<string> ReadLine() => await Bounded(Output.ReadLineAsync(), "print a line") ?? "";

    /// <summary>Sends a signal by its name.</summary>
    internal void Signal(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{ProcessId}"]);

        // It fails where the tool has come to its end meanwhile, which is for the caller to judge.
        Assert.True(kill.WaitForExit(Patience), $"kill -{name} did not end");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);

        _process.Dispose();
    }

    private static Tool StartBehind(string[] preparation, string folder, string[] arguments, bool isFed = false)
    {
        string[] command = [.. preparation, Host, Path.Combine(folder, FileName), .. arguments];
        return new Tool(new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = "/" }, isFed);
    }

    private async Task<bool> CopyOutput(Stream to)
    {
        await Output.BaseStream.CopyToAsync(to);
        return true;
    }

    private async Task<bool> Exit()
    {
        await _process.WaitForExitAsync();
        return true;
    }

    private async Task<T> Bounded<T>(Task<T> task, string what)
    {
        try
        {
            return await task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"The tool did not {what} within {Patience.TotalSeconds} s.\n{await _errors}");
        }
    }
}
