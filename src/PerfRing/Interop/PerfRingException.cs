namespace PerfRing;

/// <summary>The base of what PerfRing throws for conditions outside the program: the kernel refused, or a ring is damaged.</summary>
/// <remarks>Misuse of the API throws the usual <see cref="ArgumentException"/>, <see cref="InvalidOperationException"/> or
/// <see cref="ObjectDisposedException"/> instead.</remarks>
public abstract class PerfRingException : Exception
{
    private protected PerfRingException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
