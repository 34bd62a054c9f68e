using PerfRing.Interop;

namespace PerfRing;

internal sealed partial class PerfEventDescriptor
{
    /// <summary>Value, enabled, running, id and, where the kernel has it, lost.</summary>
    private const int Words = 5;

    /// <summary>The sums over the events that are gone.</summary>
    private ulong _value;
    private ulong _enabled;
    private ulong _running;
    private ulong _lost;

    /// <summary>What the kernel has counted, over all events that this has been.</summary>
    internal PerfEventCount ReadCount()
    {
        Span<ulong> words = stackalloc ulong[Words];
        bool tellsLost = !_lacksLost;
        if (Live is { } live)
            tellsLost = ReadWords(live, Source, Cpu, words) == Words;

        return new PerfEventCount(
            Cpu, SourceIndex, _value + words[0], tellsLost ? _lost + words[4] : null,
            Span(_enabled + words[1]), Span(_running + words[2]));

        static TimeSpan Span(ulong nanoseconds) => new((long)(nanoseconds / TimeSpan.NanosecondsPerTick));
    }

    /// <summary>How long the event that is there now has been enabled, in nanoseconds of the kernel's own clock. Stands still
    /// while it is disabled, and for good once its CPU went offline. Asks the CPU itself: an interrupt there.</summary>
    internal ulong ReadEnabled()
    {
        Span<ulong> words = stackalloc ulong[Words];
        ReadWords(Live!, Source, Cpu, words);
        return words[1];
    }

    /// <summary>Keeps the sums of an event that is about to be replaced.</summary>
    private void AddUp()
    {
        if (Live is not { } live)
            return;

        Span<ulong> words = stackalloc ulong[Words];
        ReadWords(live, Source, Cpu, words);
        _value += words[0];
        _enabled += words[1];
        _running += words[2];
        _lost += words[4];
    }

    private static int ReadWords(Descriptor fd, PerfEventSource source, int cpu, Span<ulong> words)
    {
        int result = PerfEventCall.Read(fd, words, out int count);
        if (result != 0)
            ThrowUnread(result, source, cpu);

        // A pinned event that could not be scheduled reads as end of file; ours are not pinned.
        if (count < Words - 1)
            throw new InvalidOperationException($"The kernel gave {count} words for the counts of {source} on CPU {cpu}.");

        return count;
    }

    private static void ThrowUnread(int result, PerfEventSource source, int cpu) =>
        Errno.Throw(result, "read(perf event)", $"the counts of {source} on CPU {cpu}");
}
