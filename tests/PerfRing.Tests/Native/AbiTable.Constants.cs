using PerfRing.Abi;
using PerfRing.Interop;
using static PerfRing.Tests.Native.NativeValue;

namespace PerfRing.Tests.Native;

internal static partial class AbiTable
{
    /// <summary>The C expression behind each constant, by the C# type that holds it.</summary>
    internal static IReadOnlyDictionary<Type, IReadOnlyDictionary<string, NativeValue>> Constants { get; } =
        new Dictionary<Type, IReadOnlyDictionary<string, NativeValue>>
        {
            [typeof(PerfEvent)] = new Dictionary<string, NativeValue>
            {
                [nameof(PerfEvent.TypeHardware)] = "PERF_TYPE_HARDWARE",
                [nameof(PerfEvent.TypeSoftware)] = "PERF_TYPE_SOFTWARE",
                [nameof(PerfEvent.TypeTracepoint)] = "PERF_TYPE_TRACEPOINT",
                [nameof(PerfEvent.SoftwareDummy)] = "PERF_COUNT_SW_DUMMY",
                [nameof(PerfEvent.SoftwareBpfOutput)] = "PERF_COUNT_SW_BPF_OUTPUT",
                [nameof(PerfEvent.FormatTotalTimeEnabled)] = "PERF_FORMAT_TOTAL_TIME_ENABLED",
                [nameof(PerfEvent.FormatTotalTimeRunning)] = "PERF_FORMAT_TOTAL_TIME_RUNNING",
                [nameof(PerfEvent.FormatId)] = "PERF_FORMAT_ID",
                [nameof(PerfEvent.FormatLost)] = new("PERF_FORMAT_LOST", Since: "6, 0, 0"),
                [nameof(PerfEvent.FlagCloseOnExec)] = "PERF_FLAG_FD_CLOEXEC",
                [nameof(PerfEvent.RecordLost)] = "PERF_RECORD_LOST",
                [nameof(PerfEvent.RecordSample)] = "PERF_RECORD_SAMPLE",
                [nameof(PerfEvent.RecordLostSamples)] = "PERF_RECORD_LOST_SAMPLES",
                [nameof(PerfEvent.DefaultMaxStack)] = "PERF_MAX_STACK_DEPTH",
            },
            [typeof(AttrFlags)] = new Dictionary<string, NativeValue>
            {
                [nameof(AttrFlags.None)] = "0",
                [nameof(AttrFlags.Disabled)] = AttrFlag("disabled"),
                [nameof(AttrFlags.Inherit)] = AttrFlag("inherit"),
                [nameof(AttrFlags.ExcludeUser)] = AttrFlag("exclude_user"),
                [nameof(AttrFlags.ExcludeKernel)] = AttrFlag("exclude_kernel"),
                [nameof(AttrFlags.ExcludeHypervisor)] = AttrFlag("exclude_hv"),
                [nameof(AttrFlags.ExcludeIdle)] = AttrFlag("exclude_idle"),
                [nameof(AttrFlags.Frequency)] = AttrFlag("freq"),
                [nameof(AttrFlags.Watermark)] = AttrFlag("watermark"),
                [nameof(AttrFlags.SampleIdAll)] = AttrFlag("sample_id_all"),
                [nameof(AttrFlags.UseClockId)] = AttrFlag("use_clockid"),
                [nameof(AttrFlags.WriteBackward)] = AttrFlag("write_backward"),
            },
            [typeof(PerfEventAttr)] = new Dictionary<string, NativeValue>
            {
                [nameof(PerfEventAttr.Length)] = "PERF_ATTR_SIZE_VER5",
            },
            [typeof(SchedAttr)] = new Dictionary<string, NativeValue>
            {
                [nameof(SchedAttr.Length)] = "SCHED_ATTR_SIZE_VER0",
                [nameof(SchedAttr.PolicyFifo)] = "SCHED_FIFO",
                [nameof(SchedAttr.PolicyDeadline)] = "SCHED_DEADLINE",
                [nameof(SchedAttr.FlagResetOnFork)] = "SCHED_FLAG_RESET_ON_FORK",
            },
            [typeof(PerfEventHeader)] = new Dictionary<string, NativeValue>
            {
                [nameof(PerfEventHeader.Length)] = $"sizeof({Header})",
            },
            [typeof(RingBufferHeader)] = new Dictionary<string, NativeValue>
            {
                [nameof(RingBufferHeader.Size)] = "BPF_RINGBUF_HDR_SZ",
                [nameof(RingBufferHeader.Busy)] = "BPF_RINGBUF_BUSY_BIT",
                [nameof(RingBufferHeader.Discard)] = "BPF_RINGBUF_DISCARD_BIT",
                [nameof(RingBufferHeader.LengthMask)] = "~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT)",
            },
            [typeof(Abi.Bpf)] = new Dictionary<string, NativeValue>
            {
                [nameof(Abi.Bpf.MapCreate)] = "BPF_MAP_CREATE",
                [nameof(Abi.Bpf.MapLookupElement)] = "BPF_MAP_LOOKUP_ELEM",
                [nameof(Abi.Bpf.MapUpdateElement)] = "BPF_MAP_UPDATE_ELEM",
                [nameof(Abi.Bpf.MapDeleteElement)] = "BPF_MAP_DELETE_ELEM",
                [nameof(Abi.Bpf.ObjectPin)] = "BPF_OBJ_PIN",
                [nameof(Abi.Bpf.ObjectGet)] = "BPF_OBJ_GET",
                [nameof(Abi.Bpf.MapGetNextId)] = "BPF_MAP_GET_NEXT_ID",
                [nameof(Abi.Bpf.MapGetFdById)] = "BPF_MAP_GET_FD_BY_ID",
                [nameof(Abi.Bpf.ObjectGetInfoByFd)] = "BPF_OBJ_GET_INFO_BY_FD",
                [nameof(Abi.Bpf.MapTypePerfEventArray)] = "BPF_MAP_TYPE_PERF_EVENT_ARRAY",
                [nameof(Abi.Bpf.MapTypePerCpuArray)] = "BPF_MAP_TYPE_PERCPU_ARRAY",
                [nameof(Abi.Bpf.MapTypeArrayOfMaps)] = "BPF_MAP_TYPE_ARRAY_OF_MAPS",
                [nameof(Abi.Bpf.MapTypeRingBuffer)] = new("BPF_MAP_TYPE_RINGBUF", Since: "5, 8, 0"),
                [nameof(Abi.Bpf.MapTypeUserRingBuffer)] = new("BPF_MAP_TYPE_USER_RINGBUF", Since: "6, 1, 0"),
                [nameof(Abi.Bpf.MapFlagPreserveElements)] = new("BPF_F_PRESERVE_ELEMS", Since: "5, 10, 0"),
                [nameof(Abi.Bpf.MapFlagOverwrite)] = new("BPF_F_RB_OVERWRITE", Since: "6, 19, 0"),
            },
            [typeof(RingBufferHeader)] = new Dictionary<string, NativeValue>
            {
                [nameof(RingBufferHeader.Size)] = new("BPF_RINGBUF_HDR_SZ", Since: "5, 8, 0"),
                [nameof(RingBufferHeader.Busy)] = new("BPF_RINGBUF_BUSY_BIT", Since: "5, 8, 0"),
                [nameof(RingBufferHeader.Discard)] = new("BPF_RINGBUF_DISCARD_BIT", Since: "5, 8, 0"),
                [nameof(RingBufferHeader.LengthMask)] = new("BPF_RINGBUF_DISCARD_BIT - 1", Since: "5, 8, 0"),
            },
            [typeof(Capability)] = new Dictionary<string, NativeValue>
            {
                [nameof(Capability.IpcLock)] = "CAP_IPC_LOCK",
                [nameof(Capability.SystemAdministration)] = "CAP_SYS_ADMIN",
                [nameof(Capability.PerformanceMonitoring)] = new("CAP_PERFMON", Since: "5, 8, 0"),
                [nameof(Capability.Bpf)] = new("CAP_BPF", Since: "5, 8, 0"),
            },
            [typeof(MembarrierCommand)] = new Dictionary<string, NativeValue>
            {
                [nameof(MembarrierCommand.Query)] = "MEMBARRIER_CMD_QUERY",
                [nameof(MembarrierCommand.Global)] = "MEMBARRIER_CMD_GLOBAL",
                [nameof(MembarrierCommand.GlobalExpedited)] = "MEMBARRIER_CMD_GLOBAL_EXPEDITED",
                [nameof(MembarrierCommand.RegisterGlobalExpedited)] = "MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED",
                [nameof(MembarrierCommand.PrivateExpedited)] = "MEMBARRIER_CMD_PRIVATE_EXPEDITED",
            },
            [typeof(BpfMapInfo)] = new Dictionary<string, NativeValue>
            {
                [nameof(BpfMapInfo.Length)] = EndOf(MapInfo, "name"),
                [nameof(BpfMapInfo.NameLength)] = "BPF_OBJ_NAME_LEN",
            },
            [typeof(Epoll)] = new Dictionary<string, NativeValue>
            {
                [nameof(Epoll.In)] = "EPOLLIN",
                [nameof(Epoll.Out)] = "EPOLLOUT",
                [nameof(Epoll.Error)] = "EPOLLERR",
                [nameof(Epoll.HangUp)] = "EPOLLHUP",
                [nameof(Epoll.OneShot)] = "EPOLLONESHOT",
                [nameof(Epoll.EdgeTriggered)] = "EPOLLET",
            },
            [typeof(Mmap)] = new Dictionary<string, NativeValue>
            {
                [nameof(Mmap.ProtectionNone)] = "PROT_NONE",
                [nameof(Mmap.ProtectionRead)] = "PROT_READ",
                [nameof(Mmap.ProtectionWrite)] = "PROT_WRITE",
                [nameof(Mmap.Shared)] = "MAP_SHARED",
                [nameof(Mmap.Private)] = "MAP_PRIVATE",
                [nameof(Mmap.Fixed)] = "MAP_FIXED",
                [nameof(Mmap.Anonymous)] = "MAP_ANONYMOUS",
                [nameof(Mmap.NoReserve)] = "MAP_NORESERVE",
            },
            [typeof(Memfd)] = new Dictionary<string, NativeValue>
            {
                [nameof(Memfd.CloseOnExec)] = "MFD_CLOEXEC",
                [nameof(Memfd.AllowSealing)] = "MFD_ALLOW_SEALING",
                [nameof(Memfd.NotExecutable)] = new("MFD_NOEXEC_SEAL", Since: "6, 3, 0"),
            },
            [typeof(Seal)] = new Dictionary<string, NativeValue>
            {
                [nameof(Seal.Sealing)] = "F_SEAL_SEAL",
                [nameof(Seal.Shrinking)] = "F_SEAL_SHRINK",
                [nameof(Seal.Growing)] = "F_SEAL_GROW",
            },
            [typeof(FileType)] = new Dictionary<string, NativeValue>
            {
                [nameof(FileType.Mask)] = "S_IFMT",
                [nameof(FileType.Regular)] = "S_IFREG",
            },
            [typeof(StageKind)] = new Dictionary<string, NativeValue>
            {
                [nameof(StageKind.Perf)] = "PERFRING_STAGE_PERF",
                [nameof(StageKind.Bpf)] = "PERFRING_STAGE_BPF",
            },
            [typeof(Shim)] = new Dictionary<string, NativeValue>
            {
                [nameof(Shim.ReadyMaximum)] = "PERFRING_READY_MAX",
                [nameof(Shim.OpenCreate)] = "PERFRING_OPEN_CREATE",
                [nameof(Shim.OpenNoFollow)] = "PERFRING_OPEN_NOFOLLOW",
            },
            [typeof(ShimLibrary)] = new Dictionary<string, NativeValue>
            {
                [nameof(ShimLibrary.AbiVersion)] = "PERFRING_ABI_VERSION",
            },

            // Error numbers are spelt as in C.
            [typeof(Errno)] = LayoutTests.NumericConstants(typeof(Errno)).ToDictionary(
                constant => constant.Name, constant => new NativeValue(constant.Name)),
        };
}
