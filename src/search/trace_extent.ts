import type { Span } from "../spans/span.ts";

/** From when to when a trace goes. */
export interface TraceExtent {
  /** Its first start, ns since the epoch. */
  readonly startNs: bigint;
  /** Its last end, ns since the epoch; not before its start. */
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
  let { startNs, endNs } = first;
  for (const span of spans) {
    if (span.startNs < startNs) startNs = span.startNs;
    if (span.endNs > endNs) endNs = span.endNs;
  }
  return { startNs, endNs: endNs < startNs ? startNs : endNs };
}
