import { expect } from "vitest";

/** What a sketch may be off: half a bucket of 2^(1/32), relative. */
export const SKETCH_ERROR = 0.011;

/** A duration and for how many requests it stands. */
export interface Weighted {
  readonly durationNs: number;
  readonly weight: number;
}

/** The nearest-rank quantile, from all durations, sorted. */
export function trueQuantile(all: readonly Weighted[], q: number): number {
  const sorted = all.toSorted((a, b) => a.durationNs - b.durationNs);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  const rank = Math.max(q * total, Math.min(1, total)) - 1e-6;
  let reached = 0;
  for (const { durationNs, weight } of sorted) {
    reached += weight;
    if (reached >= rank) return durationNs;
  }
  return 0;
}

/** Checks p50, p95 and p99 against the true ones. */
export function expectQuantiles(
  answered: readonly (number | undefined)[],
  all: readonly Weighted[],
): void {
  for (const [at, q] of [0.5, 0.95, 0.99].entries()) {
    const truth = trueQuantile(all, q);
    const value = answered[at];
    if (value === undefined) throw new Error(`No quantile ${q} was answered`);
    expect(Math.abs(value / truth - 1)).toBeLessThan(SKETCH_ERROR);
  }
}

/** The sum of the weights. */
export function totalWeight(all: readonly Weighted[]): number {
  return all.reduce((sum, { weight }) => sum + weight, 0);
}
