using System.Runtime.CompilerServices;
using PerfRing.Abi;
using PerfRing.Interop;

namespace PerfRing.Memory;

/// <summary>The fence between storing one's own word and loading the other side's, where both sides do that.</summary>
/// <remarks>
/// <code>
///   producer                        consumer
///     store position                  store sleep
///     light fence                     heavy fence
///     load sleep                      load position
/// </code>
/// Without a full fence on both sides each load may overtake the store before it, both sides see the old value, and the
/// consumer sleeps over a record: a lost wakeup. In an asymmetric ring the frequent side has no fence instruction at all, and
/// the one about to sleep runs one on its behalf: membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED) returns when every thread that
/// runs, of every process that registered, has been interrupted at a point between two of its instructions and has fenced
/// there. If that point lies before the other side's load, the load comes after the sleep word was stored, and sees it. If it
/// lies behind the load, it lies behind the store before it too, and our own load sees that. Threads that did not run fenced
/// when they were switched out.
/// <para>What remains is the compiler: a volatile store and a volatile load after it may be exchanged by the rules of the memory
/// model, but the JIT keeps volatile accesses in order among themselves, which
/// <see cref="Interlocked.MemoryBarrierProcessWide"/> depends on just so.</para>
/// <para>A process may leave its fence out only where the ring says so, and only if its own registration succeeded. The one
/// about to sleep must fence for all where the ring says so.</para>
/// </remarks>
internal readonly struct SharedFence
{
    private readonly bool _isAsymmetric;
    private readonly bool _isLight;

    /// <param name="isAsymmetric">What the ring's header says.</param>
    internal SharedFence(bool isAsymmetric)
    {
        _isAsymmetric = isAsymmetric;
        _isLight = isAsymmetric && Registration.Succeeded;
    }

    /// <summary>Whether this kernel can fence for others. What it offers one process it may still refuse another.</summary>
    internal static bool IsOffered
    {
        get
        {
            const int needed = MembarrierCommand.RegisterGlobalExpedited | MembarrierCommand.GlobalExpedited;
            return Membarrier.Query(out int commands) == 0 && (commands & needed) == needed;
        }
    }

    /// <summary>Between a store and a load, on the side that does that often.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Light()
    {
        if (!_isLight)
            Interlocked.MemoryBarrier();
    }

    /// <summary>Between a store and a load, on the side that is about to sleep.</summary>
    /// <returns>False if the other side's fence could not be run from here: a wakeup may get lost, so sleep only
    /// briefly.</returns>
    internal bool TryHeavy()
    {
        Interlocked.MemoryBarrier();
        return !_isAsymmetric || Membarrier.FenceRegistered() == 0;
    }

    /// <summary>Once for the process, when the first ring asks.</summary>
    private static class Registration
    {
        internal static readonly bool Succeeded = Membarrier.Register() == 0;
    }
}
