namespace PerfRing.Testing;

/// <summary>How many bytes a load or store moves (the size bits of its opcode).</summary>
internal enum BpfSize : byte
{
    Four = 0x00,
    Two = 0x08,
    One = 0x10,
    Eight = 0x18,
}

/// <summary>What an arithmetic instruction does to its destination (BPF_OP).</summary>
internal enum BpfArithmetic : byte
{
    Add = 0x00,
    Subtract = 0x10,
    Multiply = 0x20,
    Divide = 0x30,
    Or = 0x40,
    And = 0x50,
    ShiftLeft = 0x60,
    ShiftRight = 0x70,
    Negate = 0x80,
    Modulo = 0x90,
    Xor = 0xa0,
    Move = 0xb0,
    ShiftRightSigned = 0xc0,
}

/// <summary>When a conditional jump is taken, with the destination register on the left (BPF_OP of the jump classes).</summary>
internal enum BpfCondition : byte
{
    Equal = 0x10,
    Above = 0x20,
    AboveOrEqual = 0x30,
    AnyBit = 0x40,
    NotEqual = 0x50,
    SignedGreater = 0x60,
    SignedGreaterOrEqual = 0x70,
    Below = 0xa0,
    BelowOrEqual = 0xb0,
    SignedLess = 0xc0,
    SignedLessOrEqual = 0xd0,
}

/// <summary>Helpers that test programs call, by their numbers in <c>linux/bpf.h</c>.</summary>
internal enum BpfHelper
{
    MapLookupElement = 1,
    KtimeGetNanoseconds = 5,
    GetSmpProcessorId = 8,
    PerfEventOutput = 25,
    RingBufferOutput = 130,
    RingBufferReserve = 131,
    RingBufferSubmit = 132,
    RingBufferDiscard = 133,
    RingBufferQuery = 134,
    DynamicPointerRead = 201,
    UserRingBufferDrain = 209,
}
