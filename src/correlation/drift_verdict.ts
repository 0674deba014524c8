import type {
  CompetingChange,
  JudgedEffect,
  Verdict,
} from "./drift_finding.ts";

/** Largest share of false finds at which an effect is believed. */
export const LIKELY_Q = 0.05;
/** Largest share of false finds at which it proves a cause. */
export const CAUSED_Q = 0.01;
/** A change's share of the blame from which on it is the cause. */
export const CAUSED_SHARE = 0.6;
/** Its share from which on it is likely the cause. */
export const LIKELY_SHARE = 0.4;

/** A verdict, how sure it is, and who else may have done it. */
export interface DriftVerdict {
  readonly verdict: Verdict;
  /** 0 to 1. */
  readonly confidence: number;
  readonly competing: readonly CompetingChange[];
}

/** Whether an effect is one to speak of: large, and hardly chance. */
export function isBelieved(
  { q, large }: Pick<JudgedEffect, "q" | "large">,
): boolean {
  return large && q <= LIKELY_Q;
}

/** The change's share of the blame for an effect, 0 to 1. */
export function blameShare({ blame }: JudgedEffect): number {
  if (blame === null || !blame.timely) return 0;
  return blame.touchedShare * blame.causeShare;
}

/** What is said of a change by all that was measured. */
export function driftVerdict(effects: readonly JudgedEffect[]): DriftVerdict {
  if (effects.length === 0) {
    return { verdict: "not_enough_data", confidence: 0, competing: [] };
  }
  const believed = effects.filter(isBelieved);
  if (believed.length === 0) {
    const least = Math.min(...effects.map(({ q }) => q));
    return { verdict: "no_effect", confidence: least, competing: [] };
  }
  const best = believed.reduce((a, b) =>
    blameShare(b) * (1 - b.q) > blameShare(a) * (1 - a.q) ? b : a
  );
  const share = blameShare(best);
  const competing = best.blame?.competing ?? [];
  // Without other days a rise can be the hour's, so it proves nothing.
  if (share >= CAUSED_SHARE && best.q <= CAUSED_Q && best.calibrated) {
    return { verdict: "caused", confidence: share * (1 - best.q), competing };
  }
  if (share >= LIKELY_SHARE) {
    return { verdict: "likely", confidence: share * (1 - best.q), competing };
  }
  return { verdict: "unlikely", confidence: 1 - share, competing };
}
