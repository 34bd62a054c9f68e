namespace PerfRing.Cli.Output;

/// <summary>How records are printed.</summary>
internal enum OutputFormat
{
    Text,
    Json,
    Hex,
}

/// <summary>The formats by the names that the user types.</summary>
internal static class FormatText
{
    /// <exception cref="FormatException">There is no such format.</exception>
    internal static OutputFormat Parse(string text) => text switch
    {
        "text" => OutputFormat.Text,
        "json" => OutputFormat.Json,
        "hex" => OutputFormat.Hex,
        _ => throw new FormatException($"'{text}' is no format: text, json or hex"),
    };
}
