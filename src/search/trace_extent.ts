import type { Span } from "../spans/span.ts";

/** From when to when a trace goes. */
export interface TraceExtent {
  /** Its first start, ns since the epoch. */
  readonly startNs: bigint;
  /** Its last end, or start of a span that ends before it, ns since the epoch. */
  readonly endNs: bigint;
}

/**
 * When a trace starts and ends.
 *
 * @returns null where there is no span.
 */
export function traceExtent(spans: readonly Span[]): TraceExtent | null {
  const [first] = spans;
  if (first === undefined) return null;
  let { startNs } = first;
  // A span that ends before it starts takes no time, as its summary has it.
  let endNs = startNs;
  for (const span of spans) {
    if (span.startNs < startNs) startNs = span.startNs;
    if (span.startNs > endNs) endNs = span.startNs;
    if (span.endNs > endNs) endNs = span.endNs;
  }
  return { startNs, endNs };
}
