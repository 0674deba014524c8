/** Changes whose report is still to be made; beyond, the oldest go. */
export const MAX_DUE_REPORTS = 10_000;
/** How long after its change a report is made by itself, ms. */
export const REPORT_WINDOW_MS = 3_600_000;
/** What late spans and the writing of windows take, ms. */
export const REPORT_GRACE_MS = 120_000;
/** A change that is older when it is told of is asked for by hand, ms. */
export const MAX_REPORTED_AGE_MS = 24 * 3_600_000;

/** A change that is watched. */
export interface WatchedChange {
  readonly id: string;
  /** When it was, ms since the epoch. */
  readonly timeMs: number;
}

/**
 * When the reports of changes are due, ms since the epoch; changes that are
 * too old have none.
 */
export function dueReports(
  changes: readonly WatchedChange[],
  nowMs: number,
): { readonly id: string; readonly dueMs: number }[] {
  return changes
    .filter(({ timeMs }) => timeMs >= nowMs - MAX_REPORTED_AGE_MS)
    .map(({ id, timeMs }) => ({
      id,
      dueMs: timeMs + REPORT_WINDOW_MS + REPORT_GRACE_MS,
    }));
}
