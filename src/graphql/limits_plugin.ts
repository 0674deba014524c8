import {
  type DocumentNode,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  parse,
  type Source,
  validate,
} from "graphql";
import type { Plugin } from "graphql-yoga";
import { aliasRule } from "./alias_rule.ts";
import { depthRule } from "./depth_rule.ts";
import {
  MAX_QUERY_COST,
  MAX_TOKENS,
  MAX_TOLD_ERRORS,
} from "./graphql_limits.ts";
import { queryCost } from "./query_cost.ts";

/** Refuses what is too long, too deep or too costly, before it is executed. */
export function limitsPlugin(schema: GraphQLSchema): Plugin {
  return {
    onParse({ setParseFn }) {
      setParseFn((source: string | Source) =>
        parse(source, { maxLexicalTokens: MAX_TOKENS })
      );
    },
    onValidate({ addValidationRule, setValidationFn }) {
      addValidationRule(depthRule);
      addValidationRule(aliasRule);
      setValidationFn((
        own: GraphQLSchema,
        document: DocumentNode,
        rules: Parameters<typeof validate>[2],
      ) => validate(own, document, rules, { maxErrors: MAX_TOLD_ERRORS }));
    },
    onExecute({ args, setResultAndStopExecution }) {
      const error = costProblem(schema, args);
      if (error !== null) setResultAndStopExecution({ errors: [error] });
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const error = costProblem(schema, args);
      if (error !== null) setResultAndStopExecution({ errors: [error] });
    },
  };
}

interface Asked {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variableValues?:
    | Readonly<Record<string, unknown>>
    | null
    | undefined;
}

function costProblem(
  schema: GraphQLSchema,
  { document, operationName, variableValues }: Asked,
): GraphQLError | null {
  const operation = getOperationAST(document, operationName);
  // Which one is meant is told by the executor.
  if (!operation) return null;
  const variables = variableValues ?? {};
  const cost = queryCost(schema, { document, operation, variables });
  if (cost <= MAX_QUERY_COST) return null;
  return new GraphQLError(
    `The query may cost ${cost}, and ${MAX_QUERY_COST} is taken: give lists a ` +
      "lower limit, or ask in several requests",
    {
      nodes: operation,
      extensions: { code: "TOO_COSTLY", cost, http: { status: 400 } },
    },
  );
}
