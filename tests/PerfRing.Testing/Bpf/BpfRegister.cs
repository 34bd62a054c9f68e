namespace PerfRing.Testing;

/// <summary>The registers of the BPF machine.</summary>
/// <remarks>R0 takes results, R1 to R5 pass arguments and are lost in a call, R6 to R9 survive, R10 is the stack's top.</remarks>
internal enum BpfRegister : byte
{
    R0,
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
    R8,
    R9,
    R10,
}
