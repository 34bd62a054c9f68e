namespace PerfRing;

/// <summary>The one place, in this process, of whoever consumes a ring buffer or produces into a user ring buffer. The kernel does
/// not arbitrate: a second one would tear the ring from the first.</summary>
/// <remarks>Held weakly: a reader that was forgotten without Dispose does not block its map for ever. Thread-safe.</remarks>
internal sealed class MapPlace
{
    private static readonly Dictionary<uint, WeakReference<MapPlace>> Places = [];

    private bool _isLeft;
    private volatile bool _isReplaced;

    private MapPlace()
    {
    }

    /// <summary>Whether somebody else has taken the place since it was left.</summary>
    internal bool IsReplaced => _isReplaced;

    /// <summary>Takes the place at a map.</summary>
    /// <returns>Null if it is taken.</returns>
    internal static MapPlace? TryTake(uint map)
    {
        MapPlace place = new();
        lock (Places)
        {
            if (Places.TryGetValue(map, out WeakReference<MapPlace>? held) && held.TryGetTarget(out MapPlace? last))
            {
                if (!last._isLeft)
                    return null;

                last._isReplaced = true;
            }

            Places[map] = new WeakReference<MapPlace>(place);
            return place;
        }
    }

    /// <summary>Leaves it to others. Idempotent.</summary>
    internal void Leave()
    {
        lock (Places)
        {
            _isLeft = true;

            // Whoever still has to do with it is found through its entry; where nobody has, the entry goes.
            foreach (uint gone in Places.Where(static entry => !entry.Value.TryGetTarget(out _)).Select(static entry => entry.Key).ToArray())
                Places.Remove(gone);
        }
    }
}
