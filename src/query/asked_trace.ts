import type { Context } from "hono";
import { hexOf } from "../codec/byte_string.ts";
import type { AppEnv } from "../http/app_env.ts";
import { HttpProblem } from "../http/http_problem.ts";
import type { Span } from "../spans/span.ts";
import { backendProblem } from "../trace_backend/backend_problem.ts";
import { chosenBackend } from "../trace_backend/chosen_backend.ts";
import type { TraceBackend } from "../trace_backend/trace_backend.ts";
import { loadTrace } from "../trace_search/load_trace.ts";
import { readTraceId } from "../trace_search/trace_id.ts";
import { traceShards } from "../trace_search/trace_shards.ts";

/** A trace that was asked for. */
export interface AskedTrace {
  /** None where there is no such trace; some may be there twice. */
  readonly spans: readonly Span[];
  /** Why it may have more spans. */
  readonly warnings: readonly string[];
}

/**
 * The spans of a trace of the caller's tenant, from here and from the store
 * behind. Where that is at fault, what is kept here is answered, with a
 * warning.
 *
 * @throws {HttpProblem} Where the text is no trace id: status 400; where the
 *   store is at fault, and nothing is kept here: status 502.
 */
export async function askedTrace(
  context: Context<AppEnv>,
  text: string,
): Promise<AskedTrace> {
  const traceId = readTraceId(text);
  if (traceId === null) {
    throw new HttpProblem(
      400,
      `Cannot read the trace id "${
        text.slice(0, 64)
      }": it has to be 32 hex digits`,
    );
  }
  const asked = {
    tenant: context.get("caller").tenant,
    settings: context.get("settings"),
  };
  const [shards, { backend, warning }] = await Promise.all([
    traceShards(context.env, asked),
    chosenBackend(context.env, asked),
  ]);
  const [here, behind] = await Promise.all([
    loadTrace(shards, traceId),
    backend === null ? null : fromBackend(backend, hexOf(traceId)),
  ]);
  if (behind?.problem !== undefined && here.length === 0) throw behind.problem;
  const warnings = [warning, behind?.problem?.message, behind?.warning]
    .filter((one) => one !== undefined && one !== null);
  return { spans: [...here, ...behind?.spans ?? []], warnings };
}

async function fromBackend(backend: TraceBackend, traceId: string): Promise<{
  readonly spans: readonly Span[];
  readonly warning?: string | null;
  readonly problem?: HttpProblem;
}> {
  const answer = await backend.loadTrace(traceId);
  return answer.ok
    ? answer.found
    : { spans: [], problem: backendProblem(backend, answer) };
}

/** The problem of a trace that is nowhere. */
export function unknownTrace(text: string): HttpProblem {
  return new HttpProblem(
    404,
    `Cannot find the trace "${text}": it never came, or is no longer kept`,
  );
}
