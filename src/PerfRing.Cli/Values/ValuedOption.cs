using System.CommandLine;

namespace PerfRing.Cli.Values;

/// <summary>Options whose value is parsed by the tool itself, with its own messages.</summary>
internal static class ValuedOption
{
    /// <param name="name">With its dashes.</param>
    /// <param name="valueName">What help calls the value.</param>
    /// <param name="description">What help says.</param>
    /// <param name="parse">Throws <see cref="FormatException"/> with the reason where a text is no value.</param>
    internal static Option<T> Create<T>(string name, string valueName, string description, Func<string, T> parse) => new(name)
    {
        HelpName = valueName,
        Description = description,
        CustomParser = result =>
        {
            try
            {
                return parse(result.Tokens[^1].Value);
            }
            catch (FormatException e)
            {
                result.AddError($"{name}: {e.Message}");
                return default;
            }
        },
    };
}
