namespace PerfRing;

/// <summary>What <see cref="RingReader.Drain{THandler}"/> calls with each record. Implement it with a struct: the call is then
/// inlined.</summary>
public interface IRecordHandler
{
    /// <summary>Takes one record.</summary>
    /// <param name="record">Valid during the call only.</param>
    /// <returns>Whether to go on. After false the rest stays in the ring; this record is released.</returns>
    bool Handle(Record record);
}
