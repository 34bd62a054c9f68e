namespace PerfRing.Testing;

/// <summary>What the machine must have for the facts of a contract suite to run over a kind of ring.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NeedsAttribute(Needs needs) : Attribute
{
    /// <summary>What is needed.</summary>
    public Needs Needs { get; } = needs;
}
