using System.Runtime.InteropServices;
using PerfRing.Interop;

namespace PerfRing.Testing;

/// <summary>The type information that the kernel asks for where a helper calls back: which instructions begin functions, and
/// that those other than the main program are static.</summary>
/// <remarks><c>linux/btf.h</c>: a header, four types, a string table. <code>
/// 1  INT         long, 8 bytes, signed
/// 2  FUNC_PROTO  long ()
/// 3  FUNC        main, of type 2, global
/// 4  FUNC        callback, of type 2, static
/// </code></remarks>
internal sealed unsafe class BpfTestBtf : IDisposable
{
    private const uint Main = 3;
    private const uint Callback = 4;

    private const uint KindInt = 1u << 24;
    private const uint KindFunction = 12u << 24;
    private const uint KindFunctionPrototype = 13u << 24;
    private const uint LinkageStatic = 0;
    private const uint LinkageGlobal = 1;

    /// <param name="callbacks">At which instructions callbacks begin; the main program is at 0.</param>
    internal BpfTestBtf(ReadOnlySpan<int> callbacks)
    {
        Functions = new BpfFunctionInfo[callbacks.Length + 1];
        Functions[0] = new BpfFunctionInfo(0, Main);
        for (int i = 0; i < callbacks.Length; i++)
            Functions[i + 1] = new BpfFunctionInfo((uint)callbacks[i], Callback);

        ReadOnlySpan<byte> strings = "\0long\0main\0callback\0"u8;
        const uint longName = 1;
        const uint mainName = 6;
        const uint callbackName = 11;

        // Of each type: the offset of its name, its kind, its size or the type it refers to.
        const uint signed64 = (1 << 24) | 64;
        uint[] types =
        [
            longName, KindInt, sizeof(long), signed64,
            0, KindFunctionPrototype, 1,
            mainName, KindFunction | LinkageGlobal, 2,
            callbackName, KindFunction | LinkageStatic, 2,
        ];
        uint typesLength = (uint)(types.Length * sizeof(uint));
        const uint headerLength = 24;
        uint[] header = [0x0001_eb9f, headerLength, 0, typesLength, typesLength, (uint)strings.Length];

        using MemoryStream blob = new();
        blob.Write(MemoryMarshal.AsBytes<uint>(header));
        blob.Write(MemoryMarshal.AsBytes<uint>(types));
        blob.Write(strings);

        fixed (byte* btf = blob.ToArray())
        {
            BpfBtfLoadAttr attr = new() { Btf = (ulong)btf, BtfSize = (uint)blob.Length };

            // SAFETY: attr is a local and the blob is pinned, with its length beside it.
            int result = Shim.Bpf(BpfTestCommand.BtfLoad, &attr, BpfBtfLoadAttr.Length, out int fd);
            Errno.ThrowIfFailed(result, "bpf(BPF_BTF_LOAD)", "loading the types of a test program");
            Descriptor = new Descriptor(fd);
        }
    }

    /// <summary>Needed until the program is loaded, which then holds the types itself.</summary>
    internal Descriptor Descriptor { get; }

    /// <summary>What the program is loaded with.</summary>
    internal BpfFunctionInfo[] Functions { get; }

    public void Dispose() => Descriptor.Dispose();
}
