using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace PerfRing.Analyzers;

/// <summary>Steps through the tree of operations that the rules share.</summary>
internal static class OperationTree
{
    /// <summary>The body that holds an operation: of the method, not of a lambda or local function within it.</summary>
    internal static IOperation Body(this IOperation operation)
    {
        while (operation.Parent is { } parent)
            operation = parent;

        return operation;
    }

    /// <summary>The outermost expression that yields this very value: through conversions, conditionals, switch arms.</summary>
    internal static IOperation Outermost(this IOperation value)
    {
        while (true)
        {
            switch (value.Parent)
            {
                case IConversionOperation:
                case IConditionalOperation conditional when conditional.Condition != value:
                case ISwitchExpressionArmOperation arm when arm.Value == value:
                case ISwitchExpressionOperation choice when choice.Value != value:
                case IConditionalAccessOperation access when access.WhenNotNull == value:
                    value = value.Parent;
                    break;
                default:
                    return value;
            }
        }
    }

    /// <summary>Every mention of a local variable.</summary>
    internal static IEnumerable<ILocalReferenceOperation> MentionsOf(this IOperation within, ILocalSymbol local)
    {
        foreach (IOperation operation in within.DescendantsAndSelf())
        {
            if (operation is ILocalReferenceOperation mention && SymbolEqualityComparer.Default.Equals(mention.Local, local))
                yield return mention;
        }
    }

    /// <summary>Whether a mention gives the variable a value, or hands out a reference through which somebody may.</summary>
    internal static bool IsWritten(ILocalReferenceOperation mention) => mention.Parent switch
    {
        ISimpleAssignmentOperation assignment => assignment.Target == mention || assignment.IsRef,
        IArgumentOperation argument => argument.Parameter?.RefKind is RefKind.Ref or RefKind.Out,
        IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } => declarator.Symbol.IsRef,
        IConditionalOperation conditional => conditional.IsRef,
        ITupleOperation or IDeclarationExpressionOperation or IAddressOfOperation => true,
        _ => false,
    };
}
