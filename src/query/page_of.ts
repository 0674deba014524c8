/** A page of a list, and where the next one begins. */
export interface Page<Entry> {
  readonly entries: readonly Entry[];
  /** The last one, where there is a next page. */
  readonly last: Entry | null;
}

/**
 * The page of a list of which one entry more than its limit was read: that
 * tells whether there is a next page.
 *
 * @example
 * ```ts
 * import { pageOf } from "../src/query/page_of.ts";
 *
 * expect(pageOf([3, 2, 1], 2)).toEqual({ entries: [3, 2], last: 2 });
 * expect(pageOf([3, 2], 2)).toEqual({ entries: [3, 2], last: null });
 * ```
 */
export function pageOf<Entry>(
  found: readonly Entry[],
  limit: number,
): Page<Entry> {
  const entries = found.slice(0, limit);
  const last = found.length > limit ? entries.at(-1) : undefined;
  return { entries, last: last ?? null };
}
