/** The most entries that one command lists, over as many pages as it takes. */
export const MAX_LISTED = 10_000;
/** The most pages that are asked for: a page may hold nothing. */
export const MAX_PAGES = 1000;

/** A page of a list, as the service answers it. */
export interface AnsweredPage<Entry> {
  readonly entries: readonly Entry[];
  /** Where the next page begins; null: there is none. */
  readonly next: string | null;
}

/** Which page is asked for. */
export interface PageAsked {
  readonly limit: number;
  /** Where it begins; undefined: at the beginning. */
  readonly cursor: string | undefined;
}

/** How many entries are wanted, and how many a page can hold. */
export interface PageLimits {
  readonly limit: number;
  readonly pageLimit: number;
}

/**
 * The entries of a list up to a limit, page by page.
 *
 * @example
 * ```ts
 * import { allPages } from "../src/cli/all_pages.ts";
 *
 * const numbers = [1, 2, 3, 4, 5];
 * const { entries, next } = await allPages(
 *   ({ limit, cursor = "0" }) => {
 *     const end = Number(cursor) + limit;
 *     const entries = numbers.slice(Number(cursor), end);
 *     return Promise.resolve({ entries, next: end < 5 ? String(end) : null });
 *   },
 *   { limit: 3, pageLimit: 2 },
 * );
 * expect([entries, next]).toEqual([[1, 2, 3], "3"]);
 * ```
 */
export async function allPages<Entry>(
  ask: (asked: PageAsked) => Promise<AnsweredPage<Entry>>,
  { limit, pageLimit }: PageLimits,
): Promise<AnsweredPage<Entry>> {
  const entries: Entry[] = [];
  let next: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = await ask({
      limit: Math.min(pageLimit, limit - entries.length),
      cursor: next ?? undefined,
    });
    entries.push(...page.entries);
    next = page.next;
    if (next === null || entries.length >= limit) break;
  }
  return { entries, next };
}
