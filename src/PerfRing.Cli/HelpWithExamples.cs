using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace PerfRing.Cli;

/// <summary>The usual help, then what people copy: examples, and the exit codes that scripts look at.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    private const string Examples =
        """
        Examples:
          perfring trace                                      the best this machine allows, until Ctrl-C
          perfring trace sched:sched_switch --duration 3s     every switch between threads, for three seconds
          perfring trace sched:sched_wakeup irq:irq_handler_entry --cpus 0-3
          perfring trace context-switches --pid 4711 --count 100
          perfring trace syscalls:sys_enter_openat --format json | jq .fields
          perfring trace sched:sched_switch --strict > /dev/null || echo incomplete
          perfring doctor                                     what stops a reader here, and what to do about it
        """;

    public override bool ClearsParseErrors => usual.ClearsParseErrors;

    public override int Invoke(ParseResult parseResult)
    {
        int code = usual.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine(Examples);
        output.WriteLine();
        output.WriteLine(ExitCodes.Table);
        return code;
    }
}
