import type { ByteReader } from "../codec/byte_reader.ts";
import { bucketMiddleNs, COUNT_EPSILON } from "./histogram.ts";

/** What is told of a histogram where its buckets are not wanted. */
export interface LatencyFigures {
  /** Weighted number of durations. */
  readonly count: number;
  /** Weighted sum, ns. */
  readonly sumNs: number;
  /** As `Histogram.quantiles` gives them, ns. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/**
 * Reads what `Histogram.write` appended, without making a histogram of it: its
 * buckets are in ascending order, so that one pass finds the quantiles.
 */
export function scanHistogram(from: ByteReader): LatencyFigures {
  const count = from.number();
  const sumNs = from.number();
  const least = from.number();
  const minNs = least < 0 ? Infinity : least;
  const maxNs = from.number();
  let seen = from.number();
  const floor = Math.min(1, count);
  const rank50 = Math.max(0.5 * count, floor) - COUNT_EPSILON;
  const rank95 = Math.max(0.95 * count, floor) - COUNT_EPSILON;
  const rank99 = Math.max(0.99 * count, floor) - COUNT_EPSILON;
  let p50 = seen >= rank50 ? 0 : -1;
  let p95 = seen >= rank95 ? 0 : -1;
  let p99 = seen >= rank99 ? 0 : -1;
  let index = 0;
  for (let left = from.varint(); left > 0; left--) {
    index += from.signed();
    seen += from.number();
    if (p99 >= 0 || seen < rank50) continue;
    const ns = Math.min(Math.max(bucketMiddleNs(index), minNs), maxNs);
    if (p50 < 0) p50 = ns;
    if (p95 < 0 && seen >= rank95) p95 = ns;
    if (seen >= rank99) p99 = ns;
  }
  if (count <= 0) return { count, sumNs, p50: 0, p95: 0, p99: 0 };
  return {
    count,
    sumNs,
    p50: p50 < 0 ? maxNs : p50,
    p95: p95 < 0 ? maxNs : p95,
    p99: p99 < 0 ? maxNs : p99,
  };
}
