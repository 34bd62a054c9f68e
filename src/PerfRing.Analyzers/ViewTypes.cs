using Microsoft.CodeAnalysis;

namespace PerfRing.Analyzers;

/// <summary>The batch, and the types of the variables through which its memory is seen.</summary>
internal sealed class ViewTypes
{
    private readonly INamedTypeSymbol _batch;
    private readonly HashSet<ISymbol> _views;

    private ViewTypes(INamedTypeSymbol batch, IEnumerable<INamedTypeSymbol> views)
    {
        _batch = batch;
        _views = new HashSet<ISymbol>(views, SymbolEqualityComparer.Default);
    }

    /// <summary>Looks the types up; null where PerfRing is not referenced.</summary>
    internal static ViewTypes? Find(Compilation compilation)
    {
        INamedTypeSymbol? batch = compilation.GetTypeByMetadataName("PerfRing.RecordBatch");
        INamedTypeSymbol? enumerator = compilation.GetTypeByMetadataName("PerfRing.RecordBatch+Enumerator");
        INamedTypeSymbol? record = compilation.GetTypeByMetadataName("PerfRing.Record");
        INamedTypeSymbol? span = compilation.GetTypeByMetadataName("System.ReadOnlySpan`1");
        return batch is null || enumerator is null || record is null || span is null
            ? null
            : new ViewTypes(batch, [enumerator, record, span]);
    }

    internal bool IsBatch(ITypeSymbol? type) => SymbolEqualityComparer.Default.Equals(type, _batch);

    internal bool IsView(ITypeSymbol? type) => type is not null && _views.Contains(type.OriginalDefinition);
}
