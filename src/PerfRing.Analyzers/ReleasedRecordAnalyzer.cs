using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace PerfRing.Analyzers;

/// <summary>PERFRING1002: a record, or a span from one, is looked at after the statement that disposed its batch.</summary>
/// <remarks>
/// Straight lines only: the Dispose and the use are in statements of one block, the use further down. The variable must have
/// got everything it ever gets from that one batch, and the batch must be the only one its variable ever holds; whatever is
/// less plain is left alone, so that a report is always right.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ReleasedRecordAnalyzer : DiagnosticAnalyzer
{
    private static readonly DiagnosticDescriptor Rule = new(
        "PERFRING1002",
        "Leave ring memory alone once its batch is disposed",
        "'{0}' shows memory that '{1}.Dispose()' gave back to the producers: "
            + "dispose after the last use, or copy what is needed before",
        "PerfRing.Usage",
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        description: "Records and their spans are views of ring memory, good until the batch is disposed. After that they show "
            + "whatever the kernel writes next, and nothing throws.");

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rule];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (ViewTypes.Find(start.Compilation) is { } views)
                start.RegisterOperationAction(call => Check(call, views), OperationKind.Invocation);
        });
    }

    private static void Check(OperationAnalysisContext context, ViewTypes views)
    {
        if (context.Operation is not IInvocationOperation
            {
                TargetMethod.Name: "Dispose",
                Instance: ILocalReferenceOperation { Local: var batch },
                Parent: IExpressionStatementOperation { Parent: IBlockOperation block } dispose,
            }
            || !views.IsBatch(batch.Type)
            || !IsAssignedOnce(batch, block.Body()))
        {
            return;
        }

        HashSet<ILocalSymbol> settled = new(SymbolEqualityComparer.Default);
        foreach (IOperation statement in block.Operations.SkipWhile(operation => operation != dispose).Skip(1))
        {
            // Control may come in here from elsewhere.
            if (statement is ILabeledOperation)
                return;

            foreach (ILocalReferenceOperation use in statement.Descendants().OfType<ILocalReferenceOperation>())
            {
                // The first use tells it all; and after a statement that gives the variable a new value, it is another story.
                if (!views.IsView(use.Local.Type) || IsHarmless(use) || !settled.Add(use.Local))
                    continue;

                if (!statement.MentionsOf(use.Local).Any(OperationTree.IsWritten)
                    && new ViewOrigin(views, batch, block.Body()).IsBehind(use.Local))
                {
                    context.ReportDiagnostic(
                        Diagnostic.Create(Rule, use.Syntax.GetLocation(), use.Local.Name, batch.Name));
                }
            }
        }
    }

    private static bool IsAssignedOnce(ILocalSymbol batch, IOperation body) =>
        !batch.IsRef && !body.MentionsOf(batch).Any(OperationTree.IsWritten);

    // How long a span is, it knows itself.
    private static bool IsHarmless(ILocalReferenceOperation use) =>
        use is { Type.Name: "ReadOnlySpan", Parent: IPropertyReferenceOperation { Property.Name: "Length" or "IsEmpty" } };
}
