using System.Text;
using PerfRing.Interop;

namespace PerfRing.Testing;

/// <summary>A raw tracepoint program that is attached nowhere: a test runs it on the CPU of its choice.</summary>
internal sealed unsafe class BpfTestProgram : IDisposable
{
    /// <summary>MAX_BPF_FUNC_ARGS: how many arguments the kernel lets a raw tracepoint have.</summary>
    internal const int ArgumentMaximum = 12;

    private const int LogLength = 1 << 20;

    /// <summary>The verifier gives up with EAGAIN when a signal is pending, and the runtime stops threads by signals.</summary>
    private const int LoadAttempts = 16;

    /// <param name="name">What bpftool calls the program: at most 15 letters, digits, dots and underscores.</param>
    /// <param name="instructions">What <see cref="BpfAssembler.Assemble"/> returned.</param>
    /// <param name="functions">Where functions that helpers call back begin; they take scalars and pointers and return a
    /// long.</param>
    /// <exception cref="InvalidOperationException">The verifier refused the program; the message ends with its log.</exception>
    internal BpfTestProgram(string name, ReadOnlySpan<BpfInstruction> instructions, params ReadOnlySpan<int> functions)
    {
        using BpfTestBtf? btf = functions.IsEmpty ? null : new BpfTestBtf(functions);
        int result = Load(name, instructions, btf, [], out int fd);
        if (result != 0)
        {
            byte[] log = new byte[LogLength];
            result = Load(name, instructions, btf, log, out fd);
            if (result != 0)
                throw Refused(name, result, log);
        }

        Descriptor = new Descriptor(fd);
    }

    private BpfTestProgram(Descriptor descriptor) => Descriptor = descriptor;

    internal Descriptor Descriptor { get; }

    /// <summary>A raw tracepoint program that a program of the system has pinned.</summary>
    internal static BpfTestProgram OpenPinned(string path)
    {
        Errno.ThrowIfFailed(BpfCall.OpenPinned(path, out int fd), "bpf(BPF_OBJ_GET)", path);
        return new BpfTestProgram(new Descriptor(fd));
    }

    /// <summary>Runs the program once, on a chosen CPU, and returns what it left in R0. Allocates nothing.</summary>
    /// <remarks>On another CPU than the caller's, the program runs inside an inter-processor interrupt.</remarks>
    /// <param name="cpu">The CPU, by its id; one that is not online is answered with ENXIO.</param>
    /// <param name="arguments">The 64-bit words that the program finds at R1. EINVAL if it could read more.</param>
    /// <exception cref="SystemCallException">The kernel did not run the program.</exception>
    internal int Run(int cpu, ReadOnlySpan<ulong> arguments)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(arguments.Length, ArgumentMaximum);

        fixed (ulong* context = arguments)
        {
            // The count of repetitions stays 0: raw tracepoints refuse any other, and more than one is slow elsewhere.
            BpfProgramTestRunAttr attr = new()
            {
                ProgramFd = Descriptor.Number,
                ContextSizeIn = (uint)(arguments.Length * sizeof(ulong)),
                ContextIn = (ulong)context,
                Flags = BpfProgramTestRunAttr.FlagOnCpu,
                Cpu = (uint)cpu,
            };

            // SAFETY: attr is a local and the arguments are pinned; the kernel copies them before it runs the program.
            int result = Shim.Bpf(BpfTestCommand.ProgramTestRun, &attr, BpfProgramTestRunAttr.Length, out _);
            if (result != 0)
                Errno.Throw(result, "bpf(BPF_PROG_TEST_RUN)", $"on CPU {cpu}; ENXIO (6) means that no such CPU is online");
            return (int)attr.ReturnValue;
        }
    }

    public void Dispose() => Descriptor.Dispose();

    private static int Load(
        string name, ReadOnlySpan<BpfInstruction> instructions, BpfTestBtf? btf, Span<byte> log, out int fd)
    {
        ReadOnlySpan<byte> license = "GPL\0"u8;
        fixed (BpfInstruction* program = instructions)
        fixed (BpfFunctionInfo* functions = btf?.Functions)
        fixed (byte* gpl = license, logBuffer = log)
        {
            BpfProgramLoadAttr attr = new()
            {
                Type = BpfProgramLoadAttr.TypeRawTracepoint,
                InstructionCount = (uint)instructions.Length,
                Instructions = (ulong)program,
                License = (ulong)gpl,
                LogLevel = log.IsEmpty ? 0u : 1u,
                LogSize = (uint)log.Length,
                LogBuffer = (ulong)logBuffer,
                BtfFd = btf?.Descriptor.Number ?? 0,
                FunctionInfoSize = btf is null ? 0 : (uint)sizeof(BpfFunctionInfo),
                FunctionInfo = (ulong)functions,
                FunctionInfoCount = (uint)(btf?.Functions.Length ?? 0),
            };
            Encoding.ASCII.GetBytes(name, new Span<byte>(attr.Name, BpfProgramLoadAttr.NameLength - 1));

            int result;
            int attempt = 0;
            do
            {
                // SAFETY: everything that attr points to is pinned, with its length beside it.
                result = Shim.Bpf(BpfTestCommand.ProgramLoad, &attr, BpfProgramLoadAttr.Length, out fd);
            }
            while (result == -Errno.EAGAIN && ++attempt < LoadAttempts);
            return result;
        }
    }

    private static InvalidOperationException Refused(string name, int result, byte[] log)
    {
        int end = Array.IndexOf(log, (byte)0);
        string said = Encoding.UTF8.GetString(log, 0, end < 0 ? log.Length : end);
        return new InvalidOperationException(
            $"bpf(BPF_PROG_LOAD): {Errno.Name(-result)}: the program '{name}' was refused. The verifier said:\n{said}");
    }
}
