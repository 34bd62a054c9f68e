using System.CommandLine;
using PerfRing.Cli.Values;

namespace PerfRing.Cli.Share;

/// <summary>The arguments of <c>perfring share</c>.</summary>
internal static class ShareCommand
{
    private const string WriteExamples =
        """
        seq 1000000 | perfring share write numbers          lines, to whoever reads this name in another terminal
        tar c . | perfring share write files --capacity 16M
        """;

    private const string ReadExamples =
        """
        perfring share read numbers | tail -1               what is written under this name, until its writer is done
        perfring share read files | tar x
        """;

    internal static Command Create() => new(
        "share", "Moves lines or records from one terminal to another, through a ring in shared memory. Needs no rights.")
    {
        CreateOne(
            "write",
            "Writes the lines of stdin into a ring, and waits while it is full. Nothing is lost: what is in the ring when the "
            + "writer ends stays there for the reader.",
            WriteExamples, ShareWriteRun.Start),
        CreateOne(
            "read",
            "Prints the lines that are written into a ring, until its writers are done; then the ring is removed. A reader that "
            + "is interrupted leaves the rest to the next one.",
            ReadExamples, ShareReadRun.Start),
    };

    private static CommandWithExamples CreateOne(
        string name, string description, string examples, Func<ShareOptions, ExitCode> run)
    {
        Argument<string> ring = new("NAME")
        {
            Description = "The ring: a name among this user's, or with a slash the path of a file. Whoever comes first makes it.",
            CustomParser = result =>
            {
                try
                {
                    return ShareName.ToPath(result.Tokens[^1].Value);
                }
                catch (FormatException e)
                {
                    result.AddError($"NAME: {e.Message}.");
                    return null;
                }
            },
        };
        Option<int?> capacity = ValuedOption.Create<int?>(
            "--capacity", "SIZE", "Bytes of a ring that is made, such as 64K or 16M. [default: 1M]",
            text => SizeText.Parse(text));
        Option<bool> prefixed = new("--length-prefixed")
        {
            Description = "Records of any bytes instead of lines, each behind its length: 32 bits, the lowest byte first.",
        };
        Option<SharedRingProducers?> producers = ValuedOption.Create<SharedRingProducers?>(
            "--producers", "one|many", "How many may write at a time into a ring that is made. [default: one]", ParseProducers);
        CommandWithExamples command = new(name, description, examples) { ring, capacity, prefixed, producers };
        command.SetAction(parsed => (int)run(new ShareOptions
        {
            Path = parsed.GetRequiredValue(ring),
            Capacity = parsed.GetValue(capacity),
            Producers = parsed.GetValue(producers),
            LengthPrefixed = parsed.GetValue(prefixed),
        }));
        return command;
    }

    private static SharedRingProducers? ParseProducers(string text) => text switch
    {
        "one" => SharedRingProducers.One,
        "many" => SharedRingProducers.Many,
        _ => throw new FormatException($"'{text}' is neither one nor many"),
    };
}
