using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace PerfRing.Analyzers;

/// <summary>PERFRING1001: a call returned a batch, and nothing in sight disposes it.</summary>
/// <remarks>
/// The language helps nobody here: <c>foreach</c> disposes the enumerator, not the batch, and the next read throws. Whoever
/// returns the batch, passes it on or stores it where others reach it has made it their concern, and is believed. Whether a
/// Dispose is reached on every path is not looked at: the reader finds that out at run time.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UndisposedBatchAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = new(
        "PERFRING1001",
        "Dispose the batch of every read",
        "The batch of '{0}' is {1}, so its memory stays taken and the next read throws: "
            + "write 'using {2} batch = {0}(…);'",
        "PerfRing.Usage",
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "A RecordBatch is a lease on ring memory, a MergedBatch one on copies. Until it is disposed the memory is taken, "
            + "and the reader refuses to read again. A using declaration ends the lease on every path.");

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rule];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            foreach (string name in (string[])["PerfRing.RecordBatch", "PerfRing.MergedBatch"])
            {
                if (start.Compilation.GetTypeByMetadataName(name) is { } batch)
                    start.RegisterOperationAction(call => Check(call, batch), OperationKind.Invocation);
            }
        });
    }

    private static void Check(OperationAnalysisContext context, INamedTypeSymbol batch)
    {
        var call = (IInvocationOperation)context.Operation;
        if (!BeginsLease(call, batch))
            return;

        HashSet<ILocalSymbol> followed = new(SymbolEqualityComparer.Default);
        if (Neglect(call, followed) is { } neglect)
            context.ReportDiagnostic(Diagnostic.Create(Rule, call.Syntax.GetLocation(), call.TargetMethod.Name, neglect, batch.Name));
    }

    // A call that is given a batch may hand the same one back, and a reference points at one that somebody else holds.
    private static bool BeginsLease(IInvocationOperation call, INamedTypeSymbol batch) =>
        SymbolEqualityComparer.Default.Equals(call.TargetMethod.ReturnType, batch)
        && !call.TargetMethod.ReturnsByRef
        && !call.TargetMethod.ReturnsByRefReadonly
        && !call.Arguments.Any(argument => SymbolEqualityComparer.Default.Equals(argument.Value.Type, batch));

    /// <summary>How the code around a batch lets go of it undisposed; null if it does not, or if that can't be seen.</summary>
    private static string? Neglect(IOperation value, HashSet<ILocalSymbol> followed)
    {
        value = value.Outermost();
        switch (value.Parent)
        {
            case IExpressionStatementOperation:
                return "dropped";
            case IForEachLoopOperation loop when loop.Collection == value:
                return "enumerated and never disposed";
            case IInvocationOperation call when call.Instance == value:
                return call.TargetMethod.Name == "Dispose" ? null : "used and never disposed";
            case IPropertyReferenceOperation property when property.Instance == value:
            case IIsPatternOperation pattern when pattern.Value == value:
            case ISwitchOperation choice when choice.Value == value:
            case ISwitchExpressionOperation expression when expression.Value == value:
                return "used and never disposed";
            case ISimpleAssignmentOperation { Target: IDiscardOperation }:
                return "dropped";
            case ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } write when write.Value == value:
                return NeglectOf(target.Local, value, followed);
            case ISimpleAssignmentOperation write when write.Target == value:
                return "overwritten";
            case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator }:
                return NeglectOf(declarator.Symbol, value, followed);
            default:
                return null;
        }
    }

    // One mention that takes care of the batch is enough. A ref local is another name for something not followed here.
    private static string? NeglectOf(ILocalSymbol local, IOperation value, HashSet<ILocalSymbol> followed)
    {
        if (local.IsUsing || local.IsRef)
            return null;

        bool kept = followed.Add(local) && value.Body().MentionsOf(local).Any(mention => Neglect(mention, followed) is null);
        return kept ? null : $"kept in '{local.Name}' and never disposed";
    }
}
