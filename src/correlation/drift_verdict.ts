import { benjaminiHochberg } from "./benjamini_hochberg.ts";
import { type EdgeEffect, edgeEffects } from "./edge_effect.ts";
import type { EdgeSeries } from "./edge_series.ts";
import type { StretchWindow } from "./strongest_stretch.ts";

/** Largest share of false finds at which a change is said to be the cause. */
export const CAUSED_Q = 0.01;
/** Largest share of false finds at which it is said to be likely. */
export const LIKELY_Q = 0.05;
/** An effect may show this many minutes before its cause is recorded. */
export const EARLIEST_ONSET_MINUTES = -1;
/** An effect of a change starts within so many minutes. */
export const LATEST_ONSET_MINUTES = 10;
/** Other times of an edge without which chance cannot be told. */
export const MIN_PLACEBOS = 20;

/** What is said of a change. */
export type Verdict =
  | "caused"
  | "likely"
  | "unlikely"
  | "no_effect"
  | "not_enough_data";

/** An effect with its correction for all that was looked at. */
export interface JudgedEffect extends EdgeEffect {
  readonly q: number;
  /** True where its onset is when a change would show. */
  readonly timely: boolean;
}

/** A verdict and what it rests on. */
export interface DriftVerdict {
  readonly verdict: Verdict;
  /** Smallest q first. */
  readonly effects: readonly JudgedEffect[];
}

/**
 * Whether a change did something to the edges that it can touch: significant
 * among all that was looked at, large, and at the right time.
 *
 * @param edges Those in the change's blast radius only.
 */
export function driftVerdict(
  edges: readonly EdgeSeries[],
  window: StretchWindow,
): DriftVerdict {
  const seen = edges.flatMap((edge) => edgeEffects(edge, window))
    .filter(({ placebos }) => placebos >= MIN_PLACEBOS);
  const qValues = benjaminiHochberg(seen.map(({ p }) => p));
  const effects = seen
    .map((effect, at): JudgedEffect => ({
      ...effect,
      q: qValues[at] ?? 1,
      timely: isTimely(effect.onsetLag),
    }))
    .toSorted((a, b) => a.q - b.q);
  return { verdict: verdictOf(effects), effects };
}

function verdictOf(effects: readonly JudgedEffect[]): Verdict {
  if (effects.length === 0) return "not_enough_data";
  const believed = effects.filter(({ q, large }) => large && q <= LIKELY_Q);
  if (believed.length === 0) return "no_effect";
  const timely = believed.filter((effect) => effect.timely);
  if (timely.length === 0) return "unlikely";
  return timely.some(({ q }) => q <= CAUSED_Q) ? "caused" : "likely";
}

function isTimely(lag: number | undefined): boolean {
  return lag !== undefined && lag >= EARLIEST_ONSET_MINUTES &&
    lag <= LATEST_ONSET_MINUTES;
}
