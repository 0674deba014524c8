import { hexOf } from "../codec/byte_string.ts";
import { HttpProblem } from "../http/http_problem.ts";
import type { Span } from "../spans/span.ts";
import { backendProblem } from "../trace_backend/backend_problem.ts";
import { chosenBackend } from "../trace_backend/chosen_backend.ts";
import type { TraceBackend } from "../trace_backend/trace_backend.ts";
import { loadTraces } from "../trace_search/load_trace.ts";
import { readTraceId } from "../trace_search/trace_id.ts";
import { traceShards } from "../trace_search/trace_shards.ts";
import type { Asking } from "./asking.ts";

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
  asking: Asking,
  text: string,
): Promise<AskedTrace> {
  const [trace] = await askedTraces(asking, [text]);
  if (trace === undefined) throw unknownTrace(text);
  if (trace instanceof HttpProblem) throw trace;
  return trace;
}

/**
 * The spans of several traces, as of one: in the order of their ids, each with
 * what is wrong with it.
 */
export async function askedTraces(
  { bindings, ...asked }: Asking,
  texts: readonly string[],
): Promise<readonly (AskedTrace | HttpProblem)[]> {
  const ids = texts.map(readTraceId);
  const known = ids.filter((id) => id !== null);
  if (known.length === 0) return texts.map(malformedId);
  const [shards, { backend, warning }] = await Promise.all([
    traceShards(bindings, asked),
    chosenBackend(bindings, asked),
  ]);
  const kept = loadTraces(shards, known);
  return Promise.all(texts.map(async (text, at) => {
    const id = ids[at] ?? null;
    if (id === null) return malformedId(text);
    const behind = backend === null
      ? null
      : await fromBackend(backend, hexOf(id));
    const here = (await kept).get(id) ?? [];
    if (behind?.problem !== undefined && here.length === 0) {
      return behind.problem;
    }
    const warnings = [warning, behind?.problem?.message, behind?.warning]
      .filter((one) => one !== undefined && one !== null);
    return { spans: [...here, ...behind?.spans ?? []], warnings };
  }));
}

function malformedId(text: string): HttpProblem {
  const told = text.slice(0, 64);
  return new HttpProblem(
    400,
    `Cannot read the trace id "${told}": it has to be 32 hex digits`,
  );
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
