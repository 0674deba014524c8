import * as z from "zod/mini";
import type { TracePosition } from "../trace_index/trace_page.ts";
import { readTraceId } from "../trace_search/trace_id.ts";

const Answer = z.object({
  traces: z.optional(z.nullable(z.array(z.object({
    traceID: z.string(),
    startTimeUnixNano: z.optional(z.string().check(z.regex(/^\d{1,20}$/))),
  })))),
});

/**
 * Reads Tempo's answer to `/api/search`: which traces, and when each starts.
 *
 * @returns null where it is no such answer.
 *
 * @example Tempo leaves out zeros in front of an id
 * ```ts
 * import { readTraceId } from "../src/trace_search/trace_id.ts";
 * import { readTempoSearch } from "../src/trace_backend/read_tempo_search.ts";
 *
 * const text = '{"traces":[{"traceID":"af","startTimeUnixNano":"7"}]}';
 * expect(readTempoSearch(new TextEncoder().encode(text)))
 *   .toEqual([{ traceId: readTraceId("af"), startNs: 7n }]);
 * ```
 */
export function readTempoSearch(
  bytes: Uint8Array,
): readonly TracePosition[] | null {
  const read = Answer.safeParse(parsedJson(new TextDecoder().decode(bytes)));
  if (!read.success) return null;
  const found: TracePosition[] = [];
  for (const { traceID, startTimeUnixNano = "0" } of read.data.traces ?? []) {
    const traceId = readTraceId(traceID);
    if (traceId === null) return null;
    found.push({ traceId, startNs: BigInt(startTimeUnixNano) });
  }
  return found;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
