/** The span that a request names as its parent; ids are lower-case hex. */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
}

const FORM =
  /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_VERSION = "ff";
const FIRST_VERSION = "00";
const SAMPLED = 1;

/**
 * Reads `traceparent`.
 *
 * Source: W3C Trace Context, level 2, section 3.2.
 *
 * @returns null where there is none, it is malformed, or its trace is not
 * sampled: nobody would have the parent.
 *
 * @example A sampled one
 * ```ts
 * import { readTraceParent } from "../src/telemetry/trace_parent.ts";
 *
 * const header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
 * expect(readTraceParent(header)?.spanId).toBe("b7ad6b7169203331");
 * expect(readTraceParent(header.replace(/1$/, "0"))).toBe(null);
 * ```
 */
export function readTraceParent(header: string | null): TraceParent | null {
  const parts = FORM.exec(header?.trim() ?? "");
  if (parts === null) return null;
  const [, version = "", traceId = "", spanId = "", flags = "", more] = parts;
  if (version === NO_VERSION) return null;
  if (version === FIRST_VERSION && more !== undefined) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  const sampled = (Number.parseInt(flags, 16) & SAMPLED) !== 0;
  return sampled ? { traceId, spanId } : null;
}
