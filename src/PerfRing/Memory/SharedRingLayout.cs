namespace PerfRing.Memory;

/// <summary>Where everything lies in the file of a shared ring. Version 1.</summary>
/// <remarks>
/// <code>
///   page 0    header     magic, version, geometry: written once by the creator, the magic last
///   page 1    consumer     0 position         stored by the consumer, loaded by writers
///                        128 sleep, countdown, wake position   stored by both sides, when there is nothing to read
///                        256 process          of the consumer: told to whoever finds it in the way, proves nothing
///   page 2    producers    0 position         stored by whoever holds the lock (many), or by the one writer
///                        128 lock             the owner that is claiming space, or 0
///                        256 waiters          1 if a writer sleeps for room
///   page 3    slots      64 of 64 bytes: generation, process, refused
///   page 4    data       a power of two of bytes, mapped twice in a row:
///
///     | header | consumer | producers | slots | data ............ | the same data again ... |
///                                                    record that crosses the end -->  in one piece
///
///   a record   0  u32 length of the payload, and two flags (RingBufferHeader)
///              4  u32 owner: the writer's slot (8 bits), and its generation there (24 bits)
///              8  the payload, padded to a multiple of 8
/// </code>
/// Words that different sides store are 128 bytes apart: CPUs fetch lines in pairs. All numbers are in the machine's byte order;
/// pages are the machine's, as they were when the ring was made. What is not named is zero, and reserved.
/// </remarks>
internal static class SharedRingLayout
{
    /// <summary>"PRSHRING" in ASCII, as a little-endian machine stores it.</summary>
    internal const ulong Magic = 0x474e_4952_4853_5250;

    internal const uint Version = 1;

    /// <summary>Pages in front of the data.</summary>
    internal const int Pages = 4;

    // Page 0.
    internal const int MagicOffset = 0;
    internal const int VersionOffset = 8;
    internal const int PageSizeOffset = 12;
    internal const int DataOffsetOffset = 16;
    internal const int CapacityOffset = 24;
    internal const int ProducersOffset = 32;
    internal const int SlotsOffset = 36;
    internal const int FlagsOffset = 40;

    /// <summary>Length of the header.</summary>
    internal const int HeaderLength = 44;

    /// <summary>Flag: whoever goes to sleep fences for the others too, by membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED).</summary>
    internal const uint AsymmetricFlag = 1;

    // Pages 1 and 2: offsets in the page.
    internal const int PositionOffset = 0;
    internal const int SleepOffset = 128;
    internal const int CountdownOffset = 132;
    internal const int WakePositionOffset = 136;
    internal const int ConsumerProcessOffset = 256;
    internal const int LockOffset = 128;
    internal const int SpaceWaitersOffset = 256;

    // Page 3: offsets in a slot.
    internal const int Slots = 64;
    internal const int SlotLength = 64;
    internal const int SlotGenerationOffset = 0;
    internal const int SlotProcessOffset = 4;
    internal const int SlotRefusedOffset = 8;

    /// <summary>The byte of the file that the consumer locks. A writer locks the byte with the number of its slot.</summary>
    internal const ulong ConsumerLock = 255;

    /// <summary>What the producer mode is in the header.</summary>
    internal const uint OneProducer = 1;
    internal const uint ManyProducers = 2;

    internal const ulong LargestCapacity = 1ul << 30;

    /// <summary>Whether a ring may have so many bytes of data.</summary>
    internal static bool IsCapacity(ulong capacity, uint pageSize) =>
        capacity >= pageSize && capacity <= LargestCapacity && (capacity & (capacity - 1)) == 0;
}
