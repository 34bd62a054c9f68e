namespace PerfRing;

/// <summary>What is known of the C types that array elements of tracepoints have, on 64-bit machines.</summary>
internal static class CType
{
    /// <summary>Whether it is plain <c>char</c>, which stands for text; <c>unsigned char</c> stands for numbers.</summary>
    internal static bool IsChar(string type) => Bare(type) == "char";

    /// <summary>Whether it is a structure or a union by value.</summary>
    internal static bool IsStructure(string type) =>
        !type.EndsWith('*')
        && (type.Contains("struct ", StringComparison.Ordinal) || type.Contains("union ", StringComparison.Ordinal));

    /// <summary>Bytes of one value of the type, or null where that isn't known.</summary>
    internal static int? SizeOf(string type) => Bare(type) switch
    {
        "char" or "signed char" or "unsigned char" or "bool" or "u8" or "s8" or "__u8" or "__s8" or "uint8_t" or "int8_t" => 1,
        "short" or "unsigned short" or "u16" or "s16" or "__u16" or "__s16" or "__le16" or "__be16" or "uint16_t"
            or "int16_t" => 2,
        "int" or "unsigned int" or "unsigned" or "u32" or "s32" or "__u32" or "__s32" or "__le32" or "__be32" or "uint32_t"
            or "int32_t" or "pid_t" or "gfp_t" or "dev_t" => 4,
        "long" or "unsigned long" or "long long" or "unsigned long long" or "u64" or "s64" or "__u64" or "__s64" or "__le64"
            or "__be64" or "uint64_t" or "int64_t" or "size_t" or "ssize_t" or "loff_t" or "sector_t" => 8,
        // A mask of CPUs is an array of long words, whatever its length.
        "cpumask_t" => 8,
        string bare when bare.EndsWith('*') => 8,
        _ => null,
    };

    private static string Bare(string type)
    {
        string bare = type.Trim();
        return bare.StartsWith("const ", StringComparison.Ordinal) ? bare["const ".Length..].TrimStart() : bare;
    }
}
