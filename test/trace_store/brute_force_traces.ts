import { nodeId } from "../../src/map/node_identity.ts";
import { spanKey } from "../../src/spans/kept_span.ts";
import type { GeneratedSpan } from "../trace/brute_force_map.ts";

/** A trace as the simplest reading of its spans has it. */
export interface BruteForceTrace {
  readonly traceId: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly spanCount: number;
  readonly errorCount: number;
  readonly services: readonly string[];
  /** The bytes of its spans as text, sorted. */
  readonly pieces: readonly string[];
}

/** Every trace of some spans, newest first; of one key the first span. */
export function bruteForceTraces(
  spans: readonly GeneratedSpan[],
  pieceOf: (span: GeneratedSpan) => string,
): readonly BruteForceTrace[] {
  const traces = new Map<string, Map<string, GeneratedSpan>>();
  for (const one of spans) {
    const { traceId } = one.span;
    const ofTrace = traces.get(traceId) ?? new Map<string, GeneratedSpan>();
    traces.set(traceId, ofTrace);
    const key = spanKey(one.span);
    if (!ofTrace.has(key)) ofTrace.set(key, one);
  }
  return Array.from(traces, ([traceId, byKey]) => {
    const all = [...byKey.values()];
    const starts = all.map(({ span }) => startOf(span));
    const ends = all.map(({ span }) => startOf(span) + BigInt(span.durationNs));
    const services = all.map(({ span }) => nodeId(span.service));
    return {
      traceId,
      startNs: least(starts),
      endNs: -least(ends.map((end) => -end)),
      spanCount: all.length,
      errorCount: all.filter(({ span }) => span.status === 2).length,
      services: [...new Set(services)].toSorted(),
      pieces: all.map(pieceOf).toSorted(),
    };
  }).toSorted((a, b) =>
    a.startNs > b.startNs ||
      (a.startNs === b.startNs && a.traceId < b.traceId)
      ? -1
      : 1
  );
}

function startOf(span: GeneratedSpan["span"]): bigint {
  return BigInt(span.startHigh) * 4_294_967_296n + BigInt(span.startLow);
}

function least(values: readonly bigint[]): bigint {
  return values.reduce((a, b) => a < b ? a : b);
}
