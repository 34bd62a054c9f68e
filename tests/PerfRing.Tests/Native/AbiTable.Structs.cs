using PerfRing.Abi;
using static PerfRing.Tests.Native.NativeValue;

namespace PerfRing.Tests.Native;

/// <summary>What each struct and constant of src/PerfRing/Abi is called in C.</summary>
/// <remarks>Whoever adds one there adds its name here; LayoutTests fail until then.</remarks>
internal static partial class AbiTable
{
    /// <summary>Stands for a field that C divides into bits, which have no offset: the word after read_format.</summary>
    internal const string BitField = "";

    private const string Attr = "struct perf_event_attr";
    private const string Header = "struct perf_event_header";
    private const string Page = "struct perf_event_mmap_page";
    private const string BpfUnion = "union bpf_attr";
    private const string MapInfo = "struct bpf_map_info";
    private const string ReadyEntry = "struct perfring_ready";
    private const string StagedRing = "struct perfring_stage_ring";
    private const string StagedWatch = "struct perfring_stage_watch";
    private const string StagedConfig = "struct perfring_stage_config";
    private const string StagedStatus = "struct perfring_stage_status";

    internal static IReadOnlyList<MirroredStruct> Structs { get; } =
    [
        MirroredStruct.Of<SchedAttr>("struct sched_attr", "SCHED_ATTR_SIZE_VER0", new()
        {
            [nameof(SchedAttr.Size)] = "size",
            [nameof(SchedAttr.Policy)] = "sched_policy",
            [nameof(SchedAttr.Flags)] = "sched_flags",
            [nameof(SchedAttr.Nice)] = "sched_nice",
            [nameof(SchedAttr.Priority)] = "sched_priority",
            [nameof(SchedAttr.Runtime)] = "sched_runtime",
            [nameof(SchedAttr.Deadline)] = "sched_deadline",
            [nameof(SchedAttr.Period)] = "sched_period",
        }),
        MirroredStruct.Of<PerfEventAttr>(Attr, "PERF_ATTR_SIZE_VER5", new()
        {
            [nameof(PerfEventAttr.Type)] = "type",
            [nameof(PerfEventAttr.Size)] = "size",
            [nameof(PerfEventAttr.Config)] = "config",
            [nameof(PerfEventAttr.SamplePeriod)] = "sample_period",
            [nameof(PerfEventAttr.SampleType)] = "sample_type",
            [nameof(PerfEventAttr.ReadFormat)] = "read_format",
            [nameof(PerfEventAttr.Flags)] = BitField,
            [nameof(PerfEventAttr.WakeupEvents)] = "wakeup_events",
            [nameof(PerfEventAttr.BreakpointType)] = "bp_type",
            [nameof(PerfEventAttr.Config1)] = "config1",
            [nameof(PerfEventAttr.Config2)] = "config2",
            [nameof(PerfEventAttr.BranchSampleType)] = "branch_sample_type",
            [nameof(PerfEventAttr.SampleRegsUser)] = "sample_regs_user",
            [nameof(PerfEventAttr.SampleStackUser)] = "sample_stack_user",
            [nameof(PerfEventAttr.ClockId)] = "clockid",
            [nameof(PerfEventAttr.SampleRegsInterrupt)] = "sample_regs_intr",
            [nameof(PerfEventAttr.AuxWatermark)] = "aux_watermark",
            [nameof(PerfEventAttr.SampleMaxStack)] = "sample_max_stack",
        }),
        MirroredStruct.Of<PerfEventHeader>(Header, $"sizeof({Header})", new()
        {
            [nameof(PerfEventHeader.Type)] = "type",
            [nameof(PerfEventHeader.Misc)] = "misc",
            [nameof(PerfEventHeader.Size)] = "size",
        }),
        MirroredStruct.Of<PerfEventMmapPage>(Page, $"sizeof({Page})", new()
        {
            [nameof(PerfEventMmapPage.DataHead)] = "data_head",
            [nameof(PerfEventMmapPage.DataTail)] = "data_tail",
            [nameof(PerfEventMmapPage.DataOffset)] = "data_offset",
            [nameof(PerfEventMmapPage.DataSize)] = "data_size",
        }),
        MirroredStruct.Of<BpfMapCreateAttr>(BpfUnion, EndOf(BpfUnion, "map_flags"), new()
        {
            [nameof(BpfMapCreateAttr.Type)] = "map_type",
            [nameof(BpfMapCreateAttr.KeySize)] = "key_size",
            [nameof(BpfMapCreateAttr.ValueSize)] = "value_size",
            [nameof(BpfMapCreateAttr.MaxEntries)] = "max_entries",
            [nameof(BpfMapCreateAttr.Flags)] = "map_flags",
        }),
        MirroredStruct.Of<BpfMapElementAttr>(BpfUnion, EndOf(BpfUnion, "flags"), new()
        {
            [nameof(BpfMapElementAttr.MapFd)] = "map_fd",
            [nameof(BpfMapElementAttr.Key)] = "key",
            [nameof(BpfMapElementAttr.Value)] = "value",
            [nameof(BpfMapElementAttr.Flags)] = "flags",
        }),
        MirroredStruct.Of<BpfObjectAttr>(BpfUnion, EndOf(BpfUnion, "file_flags"), new()
        {
            [nameof(BpfObjectAttr.Pathname)] = "pathname",
            [nameof(BpfObjectAttr.BpfFd)] = "bpf_fd",
            [nameof(BpfObjectAttr.FileFlags)] = "file_flags",
        }),
        MirroredStruct.Of<BpfIdAttr>(BpfUnion, EndOf(BpfUnion, "open_flags"), new()
        {
            [nameof(BpfIdAttr.Id)] = "map_id",
            [nameof(BpfIdAttr.NextId)] = "next_id",
            [nameof(BpfIdAttr.OpenFlags)] = "open_flags",
        }),
        MirroredStruct.Of<BpfInfoAttr>(BpfUnion, EndOf(BpfUnion, "info"), new()
        {
            [nameof(BpfInfoAttr.BpfFd)] = "info.bpf_fd",
            [nameof(BpfInfoAttr.InfoLength)] = "info.info_len",
            [nameof(BpfInfoAttr.Info)] = "info.info",
        }),
        MirroredStruct.Of<BpfMapInfo>(MapInfo, EndOf(MapInfo, "name"), new()
        {
            [nameof(BpfMapInfo.Type)] = "type",
            [nameof(BpfMapInfo.Id)] = "id",
            [nameof(BpfMapInfo.KeySize)] = "key_size",
            [nameof(BpfMapInfo.ValueSize)] = "value_size",
            [nameof(BpfMapInfo.MaxEntries)] = "max_entries",
            [nameof(BpfMapInfo.MapFlags)] = "map_flags",
            [nameof(BpfMapInfo.Name)] = "name",
        }),
        MirroredStruct.Of<Ready>(ReadyEntry, $"sizeof({ReadyEntry})", new()
        {
            [nameof(Ready.Token)] = "token",
            [nameof(Ready.Events)] = "events",
            [nameof(Ready.Reserved)] = "reserved",
        }),
        MirroredStruct.Of<StageRing>(StagedRing, $"sizeof({StagedRing})", new()
        {
            [nameof(StageRing.FromProducer)] = "from_producer",
            [nameof(StageRing.FromConsumer)] = "from_consumer",
            [nameof(StageRing.FromRecords)] = "from_records",
            [nameof(StageRing.FromSize)] = "from_size",
            [nameof(StageRing.ToProducer)] = "to_producer",
            [nameof(StageRing.ToConsumer)] = "to_consumer",
            [nameof(StageRing.ToRecords)] = "to_records",
            [nameof(StageRing.ToSize)] = "to_size",
            [nameof(StageRing.Kind)] = "kind",
            [nameof(StageRing.SignalFd)] = "signal_fd",
        }),
        MirroredStruct.Of<StageWatch>(StagedWatch, $"sizeof({StagedWatch})", new()
        {
            [nameof(StageWatch.Fd)] = "fd",
            [nameof(StageWatch.Events)] = "events",
        }),
        MirroredStruct.Of<StageConfig>(StagedConfig, $"sizeof({StagedConfig})", new()
        {
            [nameof(StageConfig.Size)] = "size",
            [nameof(StageConfig.RingCount)] = "ring_count",
            [nameof(StageConfig.WatchCount)] = "watch_count",
            [nameof(StageConfig.MaskLength)] = "mask_length",
            [nameof(StageConfig.Rings)] = "rings",
            [nameof(StageConfig.Watches)] = "watches",
            [nameof(StageConfig.Mask)] = "mask",
            [nameof(StageConfig.LongestDelay)] = "longest_delay",
        }),
        MirroredStruct.Of<StageStatus>(StagedStatus, $"sizeof({StagedStatus})", new()
        {
            [nameof(StageStatus.Watching)] = "watching",
            [nameof(StageStatus.Error)] = "error",
        }),
    ];
}
