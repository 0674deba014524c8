import { expect, test } from "vitest";
import type { Sample } from "../../src/map/sample.ts";
import { OVERFLOW_NAME } from "../../src/map/window_entries.ts";
import { DEFAULT_GRAPH_BOUNDS } from "../../src/service_metrics/bucket_bounds.ts";
import {
  exemplars,
  keepNewest,
  MAX_EXEMPLAR_CANDIDATES,
} from "../../src/service_metrics/exemplars.ts";
import { seriesId } from "../../src/service_metrics/series_key.ts";
import { withBounds } from "../../src/service_metrics/series_values.ts";
import {
  addMinute,
  admitSeries,
  emptyTotals,
  hasOverflow,
  IDLE_SERIES_S,
  idleSeries,
  type LiveMinutes,
  MAX_TOTAL_SERIES,
  placeOf,
  type ServiceTotals,
} from "../../src/service_metrics/service_totals.ts";
import {
  decodeTotals,
  encodeTotals,
} from "../../src/service_metrics/totals_codec.ts";
import {
  readTotalsPage,
  TOTALS_PAGE_BYTES,
  totalsPage,
} from "../../src/service_metrics/totals_page.ts";
import { edgeKey, operationKey, told } from "./known_series.ts";

const NONE: LiveMinutes = new Map();
const keys = Array.from(
  { length: MAX_TOTAL_SERIES },
  (_, at) => edgeKey("web", `cart ${at}`),
);

function full(): ServiceTotals {
  const totals = emptyTotals(DEFAULT_GRAPH_BOUNDS);
  admitSeries(totals, keys, { atS: 1000, idle: () => [] });
  return totals;
}

test("admitSeries() gives MAX_TOTAL_SERIES edges a place, and as many operations", () => {
  const totals = full();
  expect(totals.series.size).toBe(MAX_TOTAL_SERIES);
  expect(hasOverflow(totals)).toBe(false);
  const operations = keys.map((_, at) => operationKey(`GET /${at}`));
  admitSeries(totals, operations, { atS: 1000, idle: () => [] });
  expect(totals.series.size).toBe(2 * MAX_TOTAL_SERIES);
  expect(hasOverflow(totals)).toBe(false);
});

test("admitSeries() counts one more as __overflow__", () => {
  const totals = full();
  const more = edgeKey("web", "one more");
  expect(admitSeries(totals, [more], { atS: 1000, idle: () => [] })).toBe(true);
  expect(hasOverflow(totals)).toBe(true);
  expect(placeOf(totals, seriesId(more), more)?.key)
    .toMatchObject({ client: OVERFLOW_NAME, server: OVERFLOW_NAME });
  expect(admitSeries(totals, [more], { atS: 1000, idle: () => [] }))
    .toBe(false);
});

test("admitSeries() lets the one that was idle longest leave, but none that is live", () => {
  const totals = full();
  for (const series of totals.series.values()) series.lastS = 5000;
  const [a, b, c] = keys;
  if (a === undefined || b === undefined || c === undefined) throw new Error();
  for (const [key, lastS] of [[a, 10], [b, 20], [c, 5]] as const) {
    const series = totals.series.get(seriesId(key));
    if (series !== undefined) series.lastS = lastS;
  }
  const live: LiveMinutes = new Map([
    [60, new Map([[seriesId(c), told(c, 1)]])],
  ]);
  const nowS = 21 + IDLE_SERIES_S;
  const left = idleSeries(totals, live, { sort: "edge", nowS });
  expect(left).toEqual([seriesId(b), seriesId(a)]);
  const exact = idleSeries(totals, live, { sort: "edge", nowS: nowS - 1 });
  expect(exact).toEqual([seriesId(a)]);
  admitSeries(totals, [edgeKey("web", "new")], { atS: 5000, idle: () => left });
  expect(totals.series.has(seriesId(a))).toBe(false);
  expect(totals.series.has(seriesId(edgeKey("web", "new")))).toBe(true);
  expect(totals.series.size).toBe(MAX_TOTAL_SERIES);
});

test("decodeTotals() gives back what encodeTotals() made", () => {
  const totals = full();
  totals.horizonS = 6000;
  const operation = operationKey("é\n");
  admitSeries(totals, [operation, { sort: "spans" }], {
    atS: 60,
    idle: () => [],
  });
  const minute = new Map(
    [told(operation, 5), told(edgeKey("web", "cart 7"), 2 ** 52)]
      .map((series) => [seriesId(series.key), series]),
  );
  addMinute(totals, minute, { startS: 7000, times: 1 });
  for (const series of totals.series.values()) {
    if (series.lastS === 7000) series.floor = series.values.map((v) => v + 1);
  }
  expect(decodeTotals(encodeTotals(totals), DEFAULT_GRAPH_BOUNDS))
    .toEqual(totals);
});

test("totalsPage() tells each series once, on pages of about TOTALS_PAGE_BYTES", () => {
  const totals = emptyTotals(DEFAULT_GRAPH_BOUNDS);
  const long = keys.map((_, at) => edgeKey("w".repeat(600), `cart ${at}`));
  admitSeries(totals, long, { atS: 1000, idle: () => [] });
  const names: string[] = [];
  let pages = 0;
  for (let after: number | null = 0; after !== null; pages++) {
    const page = totalsPage(totals, NONE, after);
    expect(page.bytes.length).toBeLessThan(TOTALS_PAGE_BYTES + 2000);
    for (const { key } of readTotalsPage(page.bytes, DEFAULT_GRAPH_BOUNDS)) {
      if (key.sort === "edge") names.push(key.server);
    }
    after = page.next;
  }
  expect(pages).toBe(2);
  expect(names).toEqual(long.map(({ server }) => server));
});

test("withBounds() keeps bounds that stay, and begins others below", () => {
  const key = edgeKey("web", "cart");
  // Failed; then three times: sum, two bounds, count.
  const values = Float64Array.from(
    [[7], [90, 1, 2, 4], [90, 1, 2, 3], [0, 0, 0, 0]].flat(),
  );
  const changed = withBounds(key, values, {
    from: [1, 2],
    to: [0.5, 1, 1.5, 2, 3],
  });
  expect([...changed].slice(0, 8)).toEqual([7, 90, 0, 1, 1, 2, 2, 4]);
  expect(withBounds(key, values, { from: [1, 2], to: [1, 2] })).toEqual(values);
});

test("keepNewest() keeps MAX_EXEMPLAR_CANDIDATES traces, the newest", () => {
  const samples: Sample[] = Array.from(
    { length: MAX_EXEMPLAR_CANDIDATES + 1 },
    (_, at) => ({
      traceId: String(at),
      durationNs: 1e8,
      failed: false,
      endMs: at,
    }),
  );
  expect(keepNewest(samples.slice(1))).toEqual(samples.slice(1));
  const kept = keepNewest(samples);
  expect(kept.length).toBe(MAX_EXEMPLAR_CANDIDATES);
  expect(kept.some(({ traceId }) => traceId === "0")).toBe(false);
  const [first, second] = exemplars(kept, [0.1]);
  expect([first?.traceId, second])
    .toEqual([String(MAX_EXEMPLAR_CANDIDATES), null]);
});
