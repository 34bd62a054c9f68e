namespace PerfRing.Testing;

/// <summary>Writes BPF programs as a chain of calls, so that tests need no compiler on the machine.</summary>
/// <remarks>Jumps name a label, placed before or behind them; <see cref="Assemble"/> turns names into distances.</remarks>
internal sealed class BpfAssembler
{
    private const int ClassLoad = 0x00;
    private const int ClassLoadFromRegister = 0x01;
    private const int ClassStoreImmediate = 0x02;
    private const int ClassStoreRegister = 0x03;
    private const int ClassAlu32 = 0x04;
    private const int ClassJump = 0x05;
    private const int ClassJump32 = 0x06;
    private const int ClassAlu64 = 0x07;

    private const int SourceRegister = 0x08;
    private const int ModeImmediate = 0x00;
    private const int ModeMemory = 0x60;
    private const int ModeAtomic = 0xc0;
    private const int OperationCall = 0x80;
    private const int OperationExit = 0x90;

    /// <summary>BPF_PSEUDO_MAP_FD: the immediate is a descriptor that the verifier replaces by the map's address.</summary>
    private const BpfRegister PseudoMapFd = BpfRegister.R1;

    /// <summary>BPF_PSEUDO_FUNC: the immediate is the distance to a function of the program, whose address is meant.</summary>
    private const BpfRegister PseudoFunction = BpfRegister.R4;

    private readonly List<BpfInstruction> _instructions = [];
    private readonly Dictionary<string, int> _labels = [];
    private readonly List<(int From, string Label)> _jumps = [];
    private readonly List<(int From, string Label)> _functions = [];

    internal BpfAssembler Move(BpfRegister to, BpfRegister from) => Alu64(BpfArithmetic.Move, to, from);

    /// <summary>Sets all 64 bits, sign-extending the immediate.</summary>
    internal BpfAssembler Move(BpfRegister to, int value) => Alu64(BpfArithmetic.Move, to, value);

    /// <summary>Sets the lower half and clears the upper one.</summary>
    internal BpfAssembler Move32(BpfRegister to, int value) => Alu32(BpfArithmetic.Move, to, value);

    internal BpfAssembler Add(BpfRegister to, BpfRegister operand) => Alu64(BpfArithmetic.Add, to, operand);

    internal BpfAssembler Add(BpfRegister to, int operand) => Alu64(BpfArithmetic.Add, to, operand);

    internal BpfAssembler Alu64(BpfArithmetic operation, BpfRegister to, BpfRegister operand) =>
        Emit(ClassAlu64 | SourceRegister | (int)operation, to, operand);

    internal BpfAssembler Alu64(BpfArithmetic operation, BpfRegister to, int operand) =>
        Emit(ClassAlu64 | (int)operation, to, immediate: operand);

    internal BpfAssembler Alu32(BpfArithmetic operation, BpfRegister to, BpfRegister operand) =>
        Emit(ClassAlu32 | SourceRegister | (int)operation, to, operand);

    internal BpfAssembler Alu32(BpfArithmetic operation, BpfRegister to, int operand) =>
        Emit(ClassAlu32 | (int)operation, to, immediate: operand);

    /// <summary>to = *(from + offset), zero-extended.</summary>
    internal BpfAssembler Load(BpfSize size, BpfRegister to, BpfRegister from, short offset = 0) =>
        Emit(ClassLoadFromRegister | ModeMemory | (int)size, to, from, offset);

    /// <summary>*(at + offset) = value.</summary>
    internal BpfAssembler Store(BpfSize size, BpfRegister at, short offset, BpfRegister value) =>
        Emit(ClassStoreRegister | ModeMemory | (int)size, at, value, offset);

    /// <summary>*(at + offset) = value.</summary>
    internal BpfAssembler Store(BpfSize size, BpfRegister at, short offset, int value) =>
        Emit(ClassStoreImmediate | ModeMemory | (int)size, at, offset: offset, immediate: value);

    /// <summary>*(at + offset) += operand, atomically; the kernel has it for four and eight bytes.</summary>
    internal BpfAssembler AtomicAdd(BpfSize size, BpfRegister at, short offset, BpfRegister operand) =>
        Emit(ClassStoreRegister | ModeAtomic | (int)size, at, operand, offset, (int)BpfArithmetic.Add);

    /// <summary>Sets all 64 bits; takes two slots.</summary>
    internal BpfAssembler Move64(BpfRegister to, ulong value) => LoadWide(to, BpfRegister.R0, value);

    /// <summary>Puts the map's address in a register; takes two slots. The map stays open until the program is loaded.</summary>
    internal BpfAssembler LoadMap(BpfRegister to, BpfTestMap map) => LoadWide(to, PseudoMapFd, (uint)map.Descriptor.Number);

    /// <summary>Puts the address of a function in a register, for helpers that call back; takes two slots. The function begins
    /// at a label behind the main program's exit, and the program needs a <see cref="BpfTestBtf"/>.</summary>
    internal BpfAssembler LoadFunction(BpfRegister to, string label)
    {
        _functions.Add((_instructions.Count, label));
        return LoadWide(to, PseudoFunction, 0);
    }

    internal BpfAssembler Label(string name)
    {
        _labels.Add(name, _instructions.Count);
        return this;
    }

    internal BpfAssembler Jump(string label) => JumpTo(label, ClassJump, BpfRegister.R0, BpfRegister.R0, 0);

    internal BpfAssembler JumpIf(BpfCondition condition, BpfRegister left, BpfRegister right, string label) =>
        JumpTo(label, ClassJump | SourceRegister | (int)condition, left, right, 0);

    internal BpfAssembler JumpIf(BpfCondition condition, BpfRegister left, int right, string label) =>
        JumpTo(label, ClassJump | (int)condition, left, BpfRegister.R0, right);

    /// <summary>Compares the lower halves only.</summary>
    internal BpfAssembler JumpIf32(BpfCondition condition, BpfRegister left, int right, string label) =>
        JumpTo(label, ClassJump32 | (int)condition, left, BpfRegister.R0, right);

    internal BpfAssembler Call(BpfHelper helper) => Emit(ClassJump | OperationCall, immediate: (int)helper);

    internal BpfAssembler Exit() => Emit(ClassJump | OperationExit);

    /// <summary>The program so far, every jump resolved.</summary>
    internal BpfInstruction[] Assemble()
    {
        BpfInstruction[] program = [.. _instructions];

        // Distances count from the next slot, also where an instruction takes two.
        foreach ((int from, string label) in _jumps)
            program[from] = program[from].WithOffset(checked((short)(SlotOf(label, from) - from - 1)));

        foreach ((int from, string label) in _functions)
            program[from] = program[from].WithImmediate(SlotOf(label, from) - from - 1);

        return program;
    }

    /// <summary>Where functions other than the main program begin, in the order of the program.</summary>
    internal int[] FunctionSlots() => [.. _functions.Select(use => SlotOf(use.Label, use.From)).Distinct().Order()];

    private int SlotOf(string label, int from) => _labels.TryGetValue(label, out int slot)
        ? slot
        : throw new InvalidOperationException($"Slot {from} names '{label}', a label that was never placed.");

    private BpfAssembler JumpTo(string label, int opcode, BpfRegister left, BpfRegister right, int immediate)
    {
        _jumps.Add((_instructions.Count, label));
        return Emit(opcode, left, right, 0, immediate);
    }

    private BpfAssembler LoadWide(BpfRegister to, BpfRegister kind, ulong value)
    {
        Emit(ClassLoad | ModeImmediate | (int)BpfSize.Eight, to, kind, 0, (int)(uint)value);
        return Emit(0, immediate: (int)(uint)(value >> 32));
    }

    private BpfAssembler Emit(
        int opcode,
        BpfRegister destination = BpfRegister.R0,
        BpfRegister source = BpfRegister.R0,
        short offset = 0,
        int immediate = 0)
    {
        _instructions.Add(new BpfInstruction(opcode, destination, source, offset, immediate));
        return this;
    }
}
