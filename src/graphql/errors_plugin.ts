import type { ExecutionResult, GraphQLError } from "graphql";
import type { Plugin } from "graphql-yoga";
import { isAsyncIterable, mapAsyncIterator } from "graphql-yoga";
import { toldError } from "./told_error.ts";
import type { GraphqlContext } from "./graphql_context.ts";

interface Result {
  readonly errors?: readonly GraphQLError[] | undefined;
}

/** Tells expected failures, and hides faults; of a subscription, of each event. */
export function errorsPlugin(): Plugin {
  return {
    onExecutionResult(execution) {
      const { requestId } = execution.context as unknown as GraphqlContext;
      const { result } = execution;
      if (result === undefined) return;
      if (isAsyncIterable<ExecutionResult>(result)) {
        execution.setResult(
          mapAsyncIterator(result, (event) => told(event, requestId)),
        );
      } else execution.setResult(told(result as ExecutionResult, requestId));
    },
  };
}

function told<Answer extends Result>(
  answer: Answer,
  requestId: string,
): Answer {
  const { errors } = answer;
  return errors === undefined ? answer : {
    ...answer,
    errors: errors.map((error) => toldError(error, requestId)),
  };
}
