using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace PerfRing.Analyzers;

/// <summary>Tells whether a variable can only show memory of one batch, whichever way the method is run through.</summary>
internal sealed class ViewOrigin(ViewTypes views, ILocalSymbol batch, IOperation body)
{
    private readonly HashSet<ILocalSymbol> _followed = new(SymbolEqualityComparer.Default);

    internal bool IsBehind(ILocalSymbol local) => Of(local) == true;

    // True: the batch. False: perhaps something else. Null: nothing at all, as default has it, or a variable that is being
    // followed by now, which adds nothing of its own.
    private bool? Of(IOperation value) => value switch
    {
        IConversionOperation conversion => Of(conversion.Operand),
        IDefaultValueOperation => null,
        ILocalReferenceOperation mention when SymbolEqualityComparer.Default.Equals(mention.Local, batch) => true,
        ILocalReferenceOperation mention when views.IsView(mention.Type) => Of(mention.Local),
        IPropertyReferenceOperation { Instance: { } instance } when views.IsView(value.Type) => Of(instance),
        IImplicitIndexerReferenceOperation { Instance: { } instance } when views.IsView(value.Type) => Of(instance),
        IInvocationOperation { Instance: { } instance } when views.IsView(value.Type) => Of(instance),
        _ => false,
    };

    // A variable shows what is written to it: where it is declared, and wherever else it is assigned.
    private bool? Of(ILocalSymbol local)
    {
        if (!_followed.Add(local))
            return null;

        IVariableDeclaratorOperation? declarator = body.Descendants().OfType<IVariableDeclaratorOperation>()
            .FirstOrDefault(candidate => SymbolEqualityComparer.Default.Equals(candidate.Symbol, local));
        if (declarator is null || local.IsRef)
            return false;

        bool? origin = declarator switch
        {
            { Parent: IForEachLoopOperation loop } => Of(loop.Collection),
            _ when declarator.GetVariableInitializer() is { } initializer => Of(initializer.Value),
            _ => null,
        };
        foreach (ILocalReferenceOperation mention in body.MentionsOf(local).Where(OperationTree.IsWritten))
        {
            bool? written = mention.Parent is ISimpleAssignmentOperation { IsRef: false } plain ? Of(plain.Value) : false;
            origin = written is null ? origin : written == true && origin != false;
        }

        return origin;
    }
}
