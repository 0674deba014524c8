import { logFactorial } from "./log_gamma.ts";

// Terms this far below the seen one add nothing that a double can hold.
const NEGLIGIBLE_LN = -45;
// The seen table's own likelihood, computed twice, differs by float noise.
const TIE_TOLERANCE_LN = 1e-7;

/** How many of so many requests failed; both are rounded to whole requests. */
export interface FailedOf {
  readonly failed: number;
  readonly count: number;
}

/** The p-values of Fisher's exact test, 0 to 1. */
export interface FisherExact {
  /** That `after` fails this much more often by chance. */
  readonly greater: number;
  /** That both differ so much by chance: no likelier table counted. */
  readonly twoSided: number;
}

/**
 * Fisher's exact test on failed requests before and after. Work grows with
 * the standard deviation of the count, not with the count.
 *
 * Source: Fisher 1935; two-sided as R's `fisher.test` and scipy do.
 *
 * @example Three of four against one of four (the lady tasting tea)
 * ```ts
 * import { fisherExact } from "../src/correlation/fisher_exact.ts";
 *
 * const tea = fisherExact({ failed: 1, count: 4 }, { failed: 3, count: 4 });
 * expect(tea.greater).toBeCloseTo(17 / 70, 10);
 * expect(tea.twoSided).toBeCloseTo(34 / 70, 10);
 * ```
 */
export function fisherExact(before: FailedOf, after: FailedOf): FisherExact {
  const countBefore = whole(before.count);
  const countAfter = whole(after.count);
  const seen = Math.min(whole(after.failed), countAfter);
  const failed = Math.min(whole(before.failed), countBefore) + seen;
  const all = countBefore + countAfter;
  const least = Math.max(0, failed - countBefore);
  const most = Math.min(failed, countAfter);
  const fixed = logChoose(all, failed);
  function ln(k: number): number {
    return logChoose(countAfter, k) + logChoose(countBefore, failed - k) -
      fixed;
  }

  const seenLn = ln(seen);
  const mode = Math.min(
    most,
    Math.max(
      least,
      Math.floor(((failed + 1) * (countAfter + 1)) / (all + 2)),
    ),
  );
  let greater = 0;
  let twoSided = 0;
  function add(k: number): boolean {
    const term = ln(k);
    if (k >= seen) greater += Math.exp(term);
    if (term <= seenLn + TIE_TOLERANCE_LN) twoSided += Math.exp(term);
    return term > Math.min(seenLn, 0) + NEGLIGIBLE_LN;
  }
  for (let k = mode; k <= most; k++) if (!add(k)) break;
  for (let k = mode - 1; k >= least; k--) if (!add(k)) break;
  return { greater: Math.min(1, greater), twoSided: Math.min(1, twoSided) };
}

function whole(count: number): number {
  return Math.max(0, Math.round(count));
}

function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}
