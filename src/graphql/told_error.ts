import { GraphQLError } from "graphql";
import { HttpProblem } from "../http/http_problem.ts";
import { logFault } from "../http/log.ts";
import { isPassingFault } from "../http/passing_fault.ts";

/** What an expected failure is called, by its status in the HTTP API. */
const CODES: Readonly<Record<number, string>> = {
  400: "BAD_USER_INPUT",
  404: "NOT_FOUND",
  409: "AMBIGUOUS",
  502: "STORE_FAILED",
  503: "UNAVAILABLE",
};

/**
 * An error as it is told: an expected failure as it is, with `code` and
 * `status`; a fault with nothing but the id of its request, under which it is
 * logged.
 */
export function toldError(
  error: GraphQLError,
  requestId: string,
): GraphQLError {
  const cause = error.cause;
  if (cause instanceof HttpProblem) {
    const { status, message, details } = cause;
    return located(error, message, {
      code: CODES[status] ?? "FAILED",
      status,
      ...details === null ? {} : { details },
    });
  }
  // What is wrong with the document itself.
  if (!(cause instanceof Error) || cause instanceof GraphQLError) {
    return error.extensions["code"] === undefined && isOurFault(error)
      ? fault(error, error, requestId)
      : error;
  }
  return fault(error, cause, requestId);
}

/** An answer that does not fit its type; arguments are the caller's. */
function isOurFault({ path, message }: GraphQLError): boolean {
  return path !== undefined && !message.startsWith("Argument ");
}

function fault(
  error: GraphQLError,
  cause: Error,
  requestId: string,
): GraphQLError {
  logFault("graphql_failed", cause, {
    request_id: requestId,
    path: error.path?.join("."),
  });
  return isPassingFault(cause)
    ? located(error, "Storage did not answer: try again in some seconds", {
      code: "UNAVAILABLE",
      status: 503,
      requestId,
    })
    : located(error, "The request failed inside TraceCore: see its log", {
      code: "INTERNAL_SERVER_ERROR",
      status: 500,
      requestId,
    });
}

function located(
  { nodes, source, positions, path }: GraphQLError,
  message: string,
  extensions: Readonly<Record<string, unknown>>,
): GraphQLError {
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    extensions: { ...extensions },
  });
}
