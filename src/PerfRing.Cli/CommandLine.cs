using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using PerfRing.Cli.Doctor;
using PerfRing.Cli.Maps;
using PerfRing.Cli.Read;
using PerfRing.Cli.Share;
using PerfRing.Cli.Trace;

namespace PerfRing.Cli;

/// <summary>The whole command line: finds the command, runs it, and turns a failure into a message and an exit code.</summary>
internal static class CommandLine
{
    internal static ExitCode Run(string[] args)
    {
        try
        {
            return Invoke(args);
        }
        catch (CommandFailure e)
        {
            Diagnostics.Say(e.Message);
            return e.Code;
        }
        catch (PerfRingException e)
        {
            CommandFailure failure = CommandFailure.From(e);
            Diagnostics.Say(failure.Message);
            return failure.Code;
        }
        catch (Exception e)
        {
            // The last stop: a stack trace would hide the message from whoever is at the terminal.
            Diagnostics.Say($"{e.GetType().Name}: {e.Message}");
            return ExitCode.Failed;
        }
    }

    private static ExitCode Invoke(string[] args)
    {
        // No RootCommand: that takes the name of the file it runs from, which is not the command's.
        HelpOption help = new();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        Command root = new("perfring", "Reads the kernel's event rings, on every CPU, as they fill.")
        {
            help,
            new VersionOption(),
            TraceCommand.Create(),
            ReadCommand.Create(),
            MapsCommand.Create(),
            ShareCommand.Create(),
            DoctorCommand.Create(),
        };

        // An event may be called what it likes: no argument stands for a file of arguments.
        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            throw CommandFailure.Usage(
                $"{string.Join(Environment.NewLine, parsed.Errors.Select(e => e.Message).Distinct())}{Environment.NewLine}"
                + $"'{PathOf(parsed.CommandResult)} --help' shows how it is used.");
        }

        // Signals are the command's own business: the first one drains.
        return (ExitCode)parsed.Invoke(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        });
    }

    /// <summary>How the command is typed.</summary>
    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult above ? $"{PathOf(above)} {result.Command.Name}" : result.Command.Name;
}
