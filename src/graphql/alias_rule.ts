import { type ASTVisitor, GraphQLError, type ValidationContext } from "graphql";
import { MAX_ALIASES } from "./graphql_limits.ts";

/** Refuses a document that gives more than `MAX_ALIASES` fields other names. */
export function aliasRule(context: ValidationContext): ASTVisitor {
  let aliases = 0;
  return {
    Field(node) {
      if (node.alias === undefined || ++aliases !== MAX_ALIASES + 1) return;
      context.reportError(
        new GraphQLError(
          `The document has more than ${MAX_ALIASES} aliases: ask for lists, ` +
            "or in several requests",
          { nodes: node, extensions: { code: "TOO_MANY_ALIASES" } },
        ),
      );
    },
  };
}
