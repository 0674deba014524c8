import { HttpProblem } from "../http/http_problem.ts";
import type { TraceBackend } from "./trace_backend.ts";

/** The problem of a store that does not answer as it should: status 502. */
export function backendProblem(
  { name }: Pick<TraceBackend, "name">,
  { reason }: { readonly reason: string },
): HttpProblem {
  return new HttpProblem(502, `Cannot get traces from ${name}: ${reason}`);
}
