import type { GraphQLError } from "graphql";
import type { Plugin } from "graphql-yoga";
import { toldError } from "./told_error.ts";
import type { GraphqlContext } from "./graphql_context.ts";

interface Result {
  readonly errors?: readonly GraphQLError[] | undefined;
}

/** Tells expected failures, and hides faults. */
export function errorsPlugin(): Plugin {
  return {
    onExecutionResult(execution) {
      const { result, context } = execution;
      const { errors } = (result ?? {}) as Result;
      if (errors === undefined) return;
      const { requestId } = context as unknown as GraphqlContext;
      const told = errors.map((error) => toldError(error, requestId));
      execution.setResult({ ...result, errors: told });
    },
  };
}
