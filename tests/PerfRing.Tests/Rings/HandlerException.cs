namespace PerfRing.Tests;

/// <summary>What a handler throws in a test; nothing else does.</summary>
public sealed class HandlerException : Exception;
