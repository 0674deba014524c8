import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from "graphql";
import { MAX_QUERY_DEPTH } from "./graphql_limits.ts";

/**
 * Refuses a document whose fields stand in one another more than
 * `MAX_QUERY_DEPTH` deep. What is asked of the schema itself has a rule of its
 * own in graphql-js.
 */
export function depthRule(context: ValidationContext): ASTVisitor {
  const known = new Map<FragmentDefinitionNode, number>();
  function depthOf({ selections }: SelectionSetNode): number {
    return Math.max(
      0,
      ...selections.map((selection) => {
        if (selection.kind === Kind.FRAGMENT_SPREAD) {
          return depthOfFragment(selection.name.value);
        }
        if (selection.kind === Kind.INLINE_FRAGMENT) {
          return depthOf(selection.selectionSet);
        }
        if (selection.name.value.startsWith("__")) return 0;
        const { selectionSet } = selection;
        return 1 + (selectionSet === undefined ? 0 : depthOf(selectionSet));
      }),
    );
  }
  function depthOfFragment(name: string): number {
    const fragment = context.getFragment(name);
    // An unknown one, and one that leads to itself, are refused by others.
    if (!fragment) return 0;
    const before = known.get(fragment);
    if (before !== undefined) return before;
    known.set(fragment, 0);
    const depth = depthOf(fragment.selectionSet);
    known.set(fragment, depth);
    return depth;
  }
  return {
    OperationDefinition(node) {
      const depth = depthOf(node.selectionSet);
      if (depth <= MAX_QUERY_DEPTH) return;
      context.reportError(
        new GraphQLError(
          `The query is ${depth} fields deep, and ${MAX_QUERY_DEPTH} are ` +
            "taken: ask for what is deeper by its id",
          { nodes: node, extensions: { code: "TOO_DEEP" } },
        ),
      );
    },
  };
}
