using System.CommandLine;
using PerfRing.Cli.Output;

namespace PerfRing.Cli.Doctor;

/// <summary><c>perfring doctor</c>: what this machine and this user's rights allow, and what to do about the rest.</summary>
internal static class DoctorCommand
{
    private const string Examples =
        """
        perfring doctor                                     what stops a reader here, and what to do about it
        """;

    internal static Command Create()
    {
        Option<bool> json = new("--json") { Description = "Print one JSON array, an object for each check." };
        Command command = new CommandWithExamples(
            "doctor", "Checks what can stop a reader here, with a remedy for each failure.", Examples)
        {
            json,
        };
        command.SetAction(parsed => (int)Run(parsed.GetValue(json)));
        return command;
    }

    private static ExitCode Run(bool json)
    {
        EnvironmentReport report = EnvironmentReport.Create(PerfEventReaderOptions.DefaultBufferSize);
        OutputBuffer output = new();
        if (json)
            JsonReport.Write(output, report);
        else
            TextReport.Write(output, report);

        // A reader of the pipe that left changes nothing about the verdict.
        _ = output.WriteOut();
        return report.HasFailures ? ExitCode.Refused : ExitCode.Done;
    }
}
