using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace PerfRing.Cli;

/// <summary>The usual help, then what people copy: examples, and the exit codes that scripts look at.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => usual.ClearsParseErrors;

    public override int Invoke(ParseResult parseResult)
    {
        int code = usual.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (string line in CommandWithExamples.LinesOf(parseResult.CommandResult.Command))
            output.WriteLine($"  {line}");

        output.WriteLine();
        output.WriteLine(ExitCodes.Table);
        return code;
    }
}
