import { SettingsError } from "../settings.ts";
import type { JsonError } from "./error_schema.ts";
import { HttpProblem, type HttpProblemOptions } from "./http_problem.ts";
import { logFault, type LogFields } from "./log.ts";
import { isPassingFault } from "./passing_fault.ts";

/** What a client waits for before it tries again after a passing fault, in s. */
export const RETRY_AFTER_S = 2;

/** The answer to a request that failed as expected. */
export function jsonError(
  status: number,
  message: string,
  options: HttpProblemOptions = {},
): Response {
  const body: JsonError = {
    error: message,
    status,
    timestamp: Math.floor(Date.now() / 1000),
    ...(options.details ? { details: options.details } : {}),
  };
  return Response.json(body, { status, headers: options.headers ?? {} });
}

/**
 * Turns whatever a route threw into its answer: a problem into itself, a
 * passing fault into 503 with `Retry-After`, anything else into 500. Faults are
 * logged, with `fields`.
 */
export function answerError(
  error: unknown,
  request: Request,
  fields: LogFields = {},
): Response {
  if (error instanceof HttpProblem) {
    return jsonError(error.status, error.message, {
      headers: error.headers,
      ...(error.details ? { details: error.details } : {}),
    });
  }
  const { pathname } = new URL(request.url);
  logFault("request_failed", error, {
    ...fields,
    method: request.method,
    pathname,
  });
  const retry = { headers: { "retry-after": String(RETRY_AFTER_S) } };
  if (error instanceof SettingsError) {
    return jsonError(503, error.message, retry);
  }
  if (isPassingFault(error)) {
    return jsonError(
      503,
      "Storage did not answer: try again after the time in Retry-After",
      retry,
    );
  }
  return jsonError(500, "The request failed inside TraceCore: see its log");
}
