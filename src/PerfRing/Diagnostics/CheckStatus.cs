namespace PerfRing;

/// <summary>What an <see cref="EnvironmentCheck"/> came to.</summary>
public enum CheckStatus
{
    /// <summary>As it should be.</summary>
    Passed,

    /// <summary>Readers work; something is slower, smaller or not there that some uses want.</summary>
    Warning,

    /// <summary>It stops a reader of some kind; <see cref="EnvironmentCheck.Remedy"/> says what to do.</summary>
    Failed,

    /// <summary>It could not be found out; <see cref="EnvironmentCheck.Finding"/> says why.</summary>
    Unknown,
}
