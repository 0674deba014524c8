/** How many traces one answer can hold. */
export const MAX_TRACE_LIMIT = 500;
/** How many traces an answer holds where nothing is said. */
export const DEFAULT_TRACE_LIMIT = 20;

/** What a limit may be, for the one who sent something else. */
export const LIMIT_FORMAT = `a whole number from 1 to ${MAX_TRACE_LIMIT}`;

/**
 * Reads how many traces are asked for.
 *
 * @returns undefined where it is no number from 1 to `MAX_TRACE_LIMIT`.
 */
export function parseLimit(text: string): number | undefined {
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= MAX_TRACE_LIMIT ? limit : undefined;
}
