namespace PerfRing.Cli.Read;

/// <summary>How payloads of unknown meaning are printed.</summary>
internal enum PayloadFormat
{
    Hex,
    Json,
    Raw,
}

/// <summary>The formats by the names that the user types.</summary>
internal static class PayloadFormatText
{
    /// <exception cref="FormatException">There is no such format.</exception>
    internal static PayloadFormat Parse(string text) => text switch
    {
        "hex" => PayloadFormat.Hex,
        "json" => PayloadFormat.Json,
        "raw" => PayloadFormat.Raw,
        _ => throw new FormatException($"'{text}' is no format: hex, json or raw"),
    };
}
