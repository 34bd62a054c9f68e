using System.Text.Encodings.Web;
using System.Text.Json;
using PerfRing.Cli.Output;

namespace PerfRing.Cli.Doctor;

/// <summary>One array of objects with name, status, finding and remedy; the status in lower case.</summary>
internal static class JsonReport
{
    internal static void Write(OutputBuffer output, EnvironmentReport report)
    {
        // Read as JSON, not put into a web page: characters such as + and ' stay legible.
        JsonWriterOptions options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (Utf8JsonWriter json = new(output, options))
        {
            json.WriteStartArray();
            foreach (EnvironmentCheck check in report)
            {
                json.WriteStartObject();
                json.WriteString("name"u8, check.Name);
                json.WriteString("status"u8, WordFor(check.Status));
                json.WriteString("finding"u8, check.Finding);

                // Null where there is none.
                json.WriteString("remedy"u8, check.Remedy);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        output.Append((byte)'\n');
    }

    private static string WordFor(CheckStatus status) => status switch
    {
        CheckStatus.Passed => "passed",
        CheckStatus.Warning => "warning",
        CheckStatus.Failed => "failed",
        _ => "unknown",
    };
}
