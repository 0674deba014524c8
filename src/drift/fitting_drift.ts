import type { Drift } from "./drift.ts";
import { MAX_DRIFT_LENGTH } from "./drift_limits.ts";

/** What is left out where an event is too large: of no use to find it. */
const LARGE = {
  before: null,
  after: null,
  diff: null,
  metadata: {},
  impactedResources: [],
} as const;

/** The parts of an event that may be large. */
export type LargeParts = Pick<Drift, keyof typeof LARGE | "truncated">;

/**
 * An event that can be kept: where it is too large, the largest of what it says
 * about the resource is left out, and `truncated` names it. Losing the event
 * would be worse: that it happened is what is asked for.
 *
 * @example
 * ```ts
 * import { fittingDrift } from "../src/drift/fitting_drift.ts";
 *
 * const small = { after: 1, diff: 2, metadata: {}, impactedResources: [] };
 * expect(fittingDrift({ ...small, before: "x".repeat(40_000), truncated: [] }))
 *   .toEqual({ ...small, before: null, truncated: ["before"] });
 * ```
 */
export function fittingDrift<T extends LargeParts>(drift: T): T {
  if (lengthOf(drift) <= MAX_DRIFT_LENGTH) return drift;
  const names = Object.keys(LARGE) as (keyof typeof LARGE)[];
  const [largest] = names.filter((name) => !drift.truncated.includes(name))
    .map((name) => ({ name, length: lengthOf(drift[name]) }))
    .toSorted((one, other) => other.length - one.length);
  if (largest === undefined) return drift;
  return fittingDrift({
    ...drift,
    [largest.name]: LARGE[largest.name],
    truncated: [...drift.truncated, largest.name],
  });
}

function lengthOf(value: unknown): number {
  return JSON.stringify(value).length;
}
