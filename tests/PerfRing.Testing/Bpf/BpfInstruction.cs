using System.Runtime.InteropServices;

namespace PerfRing.Testing;

/// <summary><c>struct bpf_insn</c>: one slot of a program.</summary>
/// <remarks><code>
/// byte   0        1                   2..3         4..7
///        opcode   source:4 dest:4     offset s16   immediate s32
/// </code></remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly struct BpfInstruction
{
    private readonly byte _opcode;
    private readonly byte _registers;
    private readonly short _offset;
    private readonly int _immediate;

    internal BpfInstruction(int opcode, BpfRegister destination, BpfRegister source, short offset, int immediate)
    {
        _opcode = (byte)opcode;
        _registers = (byte)(((byte)source << 4) | (byte)destination);
        _offset = offset;
        _immediate = immediate;
    }

    private BpfInstruction(in BpfInstruction from, short offset, int immediate)
    {
        this = from;
        _offset = offset;
        _immediate = immediate;
    }

    /// <summary>The same instruction with its jump distance filled in.</summary>
    internal BpfInstruction WithOffset(short offset) => new(this, offset, _immediate);

    /// <summary>The same instruction with its immediate filled in.</summary>
    internal BpfInstruction WithImmediate(int immediate) => new(this, _offset, immediate);

    public override string ToString() =>
        $"{_opcode:x2} dest r{_registers & 15} source r{_registers >> 4} offset {_offset} immediate {_immediate}";
}
