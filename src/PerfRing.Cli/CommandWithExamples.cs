using System.CommandLine;

namespace PerfRing.Cli;

/// <summary>A command with what people copy from its help.</summary>
/// <param name="name">What is typed.</param>
/// <param name="description">What it does, in a sentence.</param>
/// <param name="examples">Lines of a command and what it is good for; below "Examples:" they are indented.</param>
internal sealed class CommandWithExamples(string name, string description, string examples) : Command(name, description)
{
    internal string Examples { get; } = examples;

    /// <summary>The examples of a command, or of all below it where it has none.</summary>
    internal static IEnumerable<string> LinesOf(Command command) => command is CommandWithExamples { Examples: var examples }
        ? examples.Split('\n')
        : command.Subcommands.SelectMany(LinesOf);
}
