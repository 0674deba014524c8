import type { Span } from "../spans/span.ts";

/** From a start to an end that is not before it, ns since the epoch. */
export interface Interval {
  readonly startNs: bigint;
  readonly endNs: bigint;
}

/** A span's time, moved by so many ns; it ends at its start at the earliest. */
export function spanInterval(span: Span, adjustmentNs: bigint): Interval {
  const endNs = span.endNs < span.startNs ? span.startNs : span.endNs;
  return {
    startNs: span.startNs + adjustmentNs,
    endNs: endNs + adjustmentNs,
  };
}

/** How long, ns. */
export function lengthNs({ startNs, endNs }: Interval): bigint {
  return endNs - startNs;
}

/** The part of an interval within another; undefined where there is none. */
export function clipped(
  interval: Interval,
  within: Interval,
): Interval | undefined {
  const startNs = interval.startNs < within.startNs
    ? within.startNs
    : interval.startNs;
  const endNs = interval.endNs > within.endNs ? within.endNs : interval.endNs;
  return startNs < endNs ? { startNs, endNs } : undefined;
}
