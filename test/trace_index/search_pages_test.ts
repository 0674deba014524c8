import { expect, test } from "vitest";
import { ANY_TRACE } from "../../src/search/trace_filter.ts";
import {
  MAX_PAGES_PER_SEARCH,
  searchPages,
} from "../../src/trace_index/search_pages.ts";
import { emptySummary } from "../../src/trace_index/summary.ts";
import {
  packPages,
  type TracePosition,
} from "../../src/trace_index/trace_page.ts";

const NS_PER_MS = 1_000_000n;
const START_MS = 1_700_000_000_000n;
const PAGES = 2 * MAX_PAGES_PER_SEARCH + 1;

function traceAt(number: number, ms: bigint) {
  const traceId = String(number).padStart(16, "0");
  const startNs = (START_MS + ms) * NS_PER_MS;
  return { ...emptySummary(traceId), startNs, endNs: startNs };
}

/** Each page has an old trace and one whose clock is ahead. */
function pagesOf(aheadMs: (page: number) => bigint) {
  return Array.from({ length: PAGES }, (_, at) =>
    packPages([
      traceAt(2 * at, BigInt(at)),
      traceAt(2 * at + 1, aheadMs(at)),
    ])).flat()
    .toSorted((a, b) => b.untilMs - a.untilMs);
}

test.each([
  ["of one time", () => 1_000_000n],
  ["of different times", (at: number) => 1_000_000n + BigInt(at)],
])(
  "searchPages() comes to the end of more pages than it reads at once, where all overlap and their newest traces are %s",
  (_, aheadMs) => {
    const pages = pagesOf(aheadMs);
    for (const toMs of [2_000_000n, BigInt(PAGES) / 2n]) {
      const filter = {
        ...ANY_TRACE,
        fromNs: 0n,
        toNs: (START_MS + toMs) * NS_PER_MS,
      };
      const found: TracePosition[] = [];
      let after: TracePosition | null = null;
      for (let searches = 0;; searches++) {
        const page = searchPages({ filter, after, limit: 100 }, {
          fresh: new Map(),
          pages: ({ fromMs, untilMs }) =>
            pages.filter((one) =>
              one.fromMs <= untilMs && one.untilMs >= fromMs
            ),
        });
        found.push(...page.found.map(({ summary }) => summary));
        if (page.until === null) break;
        after = page.until;
        expect(searches).toBeLessThan(PAGES / 10);
      }
      const expected = Array.from({ length: PAGES }, (_, at) => [
        traceAt(2 * at, BigInt(at)),
        traceAt(2 * at + 1, aheadMs(at)),
      ]).flat()
        .filter(({ startNs }) => startNs < filter.toNs)
        .toSorted((a, b) =>
          Number(b.startNs - a.startNs) || (a.traceId < b.traceId ? -1 : 1)
        );
      expect(found.map(({ traceId }) => traceId))
        .toEqual(expected.map(({ traceId }) => traceId));
    }
  },
);
