import * as fc from "fast-check";
import { expect, test } from "vitest";
import { hexOf } from "../../src/codec/byte_string.ts";
import { ANY_TRACE, type TraceFilter } from "../../src/search/trace_filter.ts";
import { sourcesWithBackend } from "../../src/trace_backend/sources_with_backend.ts";
import type { TracePosition } from "../../src/trace_index/trace_page.ts";
import { searchTraces } from "../../src/trace_search/search_traces.ts";
import type { TraceSource } from "../../src/trace_search/trace_source.ts";
import { wholeSpan } from "../search/whole_span.ts";
import { searchOracle } from "../traces/search_oracle.ts";
import { SMALL_FORMS, smallFilter, smallSpans } from "../traces/small_spans.ts";
import { backendWith, shardWith } from "./placed_traces.ts";

const ALL: TraceFilter = { ...ANY_TRACE, fromNs: 0n, toNs: 2n ** 63n };
/** Where the spans of a trace are; `late`: those with a parent here as well. */
const PLACES = ["here", "behind", "both", "late"] as const;

async function allPages(
  sources: readonly TraceSource[],
  search: { readonly filter: TraceFilter; readonly limit: number },
) {
  const hits = [];
  let after: TracePosition | null = null;
  for (let pages = 0;; pages++) {
    const page = await searchTraces(sources, {
      ...search,
      after,
      withSpans: false,
    });
    hits.push(...page.hits);
    expect(page.hits.length).toBeLessThanOrEqual(search.limit);
    after = page.next;
    if (after === null) return hits;
    expect(pages).toBeLessThan(100);
  }
}

test("sourcesWithBackend() finds each trace once, whole, in its order, page by page, wherever its spans are", async () => {
  let found = 0;
  await fc.assert(
    fc.asyncProperty(
      smallSpans,
      fc.array(fc.constantFrom(...PLACES), { minLength: 8, maxLength: 8 }),
      fc.array(smallFilter, { minLength: 3, maxLength: 6 }),
      fc.integer({ min: 1, max: 4 }),
      fc.record({
        stepNs: fc.constantFrom(1n, 5n, 2_000_000n),
        reachNs: fc.constantFrom(2n ** 63n, 2_000_000n, 2_500_001n),
      }),
      async (spans, places, filters, limit, store) => {
        function placeOf({ traceId }: { readonly traceId: string }) {
          return places[Number(traceId.at(-1))] ?? "here";
        }
        const here = spans.filter((span) => {
          const place = placeOf(span);
          return place === "late"
            ? span.parentSpanId !== ""
            : place !== "behind";
        });
        const behind = spans.filter((span) => placeOf(span) !== "here");
        const sources = sourcesWithBackend(
          shardWith(here),
          backendWith(behind, store),
        );
        for (const filter of filters) {
          const hits = await allPages(sources, { filter, limit });
          const ids = hits.map(({ summary }) => hexOf(summary.traceId));
          expect(ids).toEqual(searchOracle(spans, filter, SMALL_FORMS));
          expect(hits.map(({ summary }) => summary.spanCount)).toEqual(
            ids.map((id) =>
              spans.filter(({ traceId }) => traceId === id).length
            ),
          );
          found += ids.length;
        }
      },
    ),
    { numRuns: 200 },
  );
  expect(found).toBeGreaterThan(200);
});

test("sourcesWithBackend() keeps late spans to itself where the store has nothing of their trace", async () => {
  const late = wholeSpan({ parentSpanId: "1".repeat(16) });
  const sources = sourcesWithBackend(shardWith([late]), backendWith([]));
  const hits = await allPages(sources, { filter: ALL, limit: 1 });
  expect(hits.map(({ summary }) => hexOf(summary.traceId)))
    .toEqual([late.traceId]);
});

test("sourcesWithBackend() joins late spans that the store does not have yet", async () => {
  const root = wholeSpan({ spanId: "1".repeat(16) });
  const late = wholeSpan({ spanId: "2".repeat(16), parentSpanId: root.spanId });
  const sources = sourcesWithBackend(
    shardWith([late]),
    backendWith([root]),
  );
  const hits = await allPages(sources, { filter: ALL, limit: 1 });
  expect(hits.map(({ summary }) => summary.spanCount)).toEqual([2]);
});

test("searchTraces() says 502 with the store's own words where it is at fault", async () => {
  const backend = backendWith([]);
  backend.fault = "it answered with status 500: no ingesters";
  const sources = sourcesWithBackend(shardWith([wholeSpan({})]), backend);
  await expect(allPages(sources, { filter: ALL, limit: 1 })).rejects
    .toMatchObject({
      status: 502,
      message: "Cannot get traces from Memory: it answered with status 500: " +
        "no ingesters",
    });
});
