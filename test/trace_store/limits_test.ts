import { expect, test } from "vitest";
import { nodeId } from "../../src/map/node_identity.ts";
import {
  ANY_TRACE,
  type SpanCondition,
  type TraceFilter,
} from "../../src/search/trace_filter.ts";
import type { SpanFacts } from "../../src/trace/span_facts.ts";
import type { AskedShard } from "../../src/trace_search/trace_shards.ts";
import { packKeptTraces } from "../../src/trace_store/kept_trace.ts";
import {
  askedTraces,
  MAX_ASKED_ATTRIBUTES,
} from "../../src/trace_index/asked_traces.ts";
import { keyHash, valueHashes } from "../../src/trace_index/attribute_hash.ts";
import {
  MAX_SUMMARY_ATTRIBUTES,
  noAttributes,
  UNINDEXED,
  withHashes,
} from "../../src/trace_index/indexed_attributes.ts";
import { MAX_PAGE_ATTRIBUTES } from "../../src/trace_index/page_attributes.ts";
import { pieceResources } from "../../src/trace_index/piece_resources.ts";
import { MAX_REMEMBERED_RESOURCES } from "../../src/trace_index/remembered_by_bytes.ts";
import {
  MAX_PAGES_PER_SEARCH,
  searchPages,
} from "../../src/trace_index/search_pages.ts";
import {
  MAX_TRACES_READ,
  searchTraces,
} from "../../src/trace_search/search_traces.ts";
import { shardSources } from "../../src/trace_search/shard_source.ts";
import {
  addSpan,
  emptySummary,
  joinedSummary,
  MAX_SPAN_GROUPS,
  MAX_SUMMARY_RESOURCES,
  type TraceSummary,
} from "../../src/trace_index/summary.ts";
import { matchSummary } from "../../src/trace_index/summary_match.ts";
import {
  byPosition,
  bytesOfPage,
  MAX_PAGE_SERVICES,
  packPages,
  PAGE_BYTES,
  PAGE_TRACES,
  type TracePage,
  type TracePosition,
} from "../../src/trace_index/trace_page.ts";
import { plainSpan } from "../trace/plain_span.ts";
import { piece } from "./kept_message.ts";

const NOW_MS = 1_700_000_000_000;
const ALWAYS: TraceFilter = { ...ANY_TRACE, fromNs: 0n, toNs: 2n ** 63n };

function idOf(number: number): string {
  return number.toString().padStart(16, "0");
}

/** A trace that starts so many ms after the first. */
function summaryOf(
  number: number,
  spans: readonly Partial<SpanFacts>[] = [{}],
  startMs = number,
): TraceSummary {
  const summary = emptySummary(idOf(number));
  for (const change of spans) {
    addSpan(summary, plainSpan(NOW_MS + startMs, change), []);
  }
  return summary;
}

function service(name: string): { readonly service: SpanFacts["service"] } {
  return { service: { namespace: "", name, environment: "" } };
}

function asksFor(name: string, failed = false): TraceFilter {
  const span: SpanCondition[] = [
    { on: "service", service: { name, namespace: null, environment: null } },
  ];
  if (failed) span.push({ on: "status", status: 2 });
  return { ...ALWAYS, span };
}

/** As the storage has them: `TraceStoreSql.pages`. */
function pagesOf(all: readonly TracePage[], onRead?: () => void) {
  return function* (range: {
    readonly fromMs: number;
    readonly untilMs: number;
    readonly services: readonly string[] | null;
  }): Generator<TracePage> {
    for (const page of all.toSorted((a, b) => b.untilMs - a.untilMs)) {
      if (page.fromMs > range.untilMs || page.untilMs < range.fromMs) continue;
      const holds = range.services?.some((one) =>
        page.services.includes(`\n${one}\n`)
      ) ?? true;
      if (!holds) continue;
      onRead?.();
      yield page;
    }
  };
}

function foundIn(
  summaries: readonly TraceSummary[],
  filter: TraceFilter,
): readonly string[] {
  return searchPages({ filter, after: null, limit: 1e6 }, {
    fresh: new Map(),
    pages: pagesOf(packPages(summaries)),
  }).found.map(({ summary, verdict }) => `${verdict} ${summary.traceId}`);
}

test("addSpan() tells MAX_SPAN_GROUPS groups apart; what is beyond may be asked for", () => {
  const spans = Array.from(
    { length: MAX_SPAN_GROUPS + 1 },
    (_, at) => ({ ...service(`service ${at}`), status: 2 } as const),
  );
  const full = summaryOf(1, spans.slice(0, -1));
  expect([full.groups.length, full.overflowed]).toEqual([
    MAX_SPAN_GROUPS,
    false,
  ]);
  const over = summaryOf(1, spans);
  expect([over.groups.length, over.overflowed]).toEqual([
    MAX_SPAN_GROUPS,
    true,
  ]);
  expect([over.spanCount, over.errorCount])
    .toEqual([MAX_SPAN_GROUPS + 1, MAX_SPAN_GROUPS + 1]);
  // One of a group that is known is no more than before.
  addSpan(full, plainSpan(NOW_MS, { ...service("service 0") }), []);
  expect(full.overflowed).toBe(false);
  for (const failed of [false, true]) {
    const last = asksFor(`service ${MAX_SPAN_GROUPS}`, failed);
    const known = asksFor(`service ${MAX_SPAN_GROUPS - 1}`, failed);
    expect(matchSummary(full, last)).toBe("no");
    expect(matchSummary(over, last)).toBe("maybe");
    expect(matchSummary(over, known)).toBe("yes");
    expect(foundIn([full], last)).toEqual([]);
    expect(foundIn([over], last)).toEqual([`maybe ${idOf(1)}`]);
  }
});

test("addSpan() names MAX_SUMMARY_RESOURCES resources; what is beyond may be asked for", () => {
  const ids = Array.from(
    { length: MAX_SUMMARY_RESOURCES + 1 },
    (_, at) => `resource-${at}`,
  );
  const asked: TraceFilter = {
    ...ALWAYS,
    span: [{ on: "resource", id: `resource-${MAX_SUMMARY_RESOURCES}` }],
  };
  const full = emptySummary(idOf(1));
  addSpan(full, plainSpan(NOW_MS, {}), ids.slice(0, -1));
  addSpan(full, plainSpan(NOW_MS, {}), ids.slice(0, 1));
  expect([full.resourceIds, full.overflowed]).toEqual([
    ids.slice(0, -1),
    false,
  ]);
  expect(matchSummary(full, asked)).toBe("no");
  const over = emptySummary(idOf(1));
  addSpan(over, plainSpan(NOW_MS, {}), ids);
  expect([over.resourceIds, over.overflowed]).toEqual([ids.slice(0, -1), true]);
  expect(matchSummary(over, asked)).toBe("maybe");
  expect(foundIn([over], asked)).toEqual([`maybe ${idOf(1)}`]);
});

test("packPages() puts PAGE_TRACES traces in a page, and the next in another", () => {
  const summaries = Array.from(
    { length: PAGE_TRACES + 1 },
    (_, at) => summaryOf(at),
  );
  expect(packPages(summaries.slice(1)).map(({ traces }) => traces))
    .toEqual([PAGE_TRACES]);
  expect(packPages(summaries).map(({ traces }) => traces))
    .toEqual([PAGE_TRACES, 1]);
});

test("packPages() closes a page at PAGE_BYTES, however long the names", () => {
  const long = "漢".repeat(250);
  const spans = (number: number): readonly Partial<SpanFacts>[] =>
    Array.from({ length: MAX_SPAN_GROUPS }, (_, at) => ({
      service: {
        namespace: long,
        name: `${number} ${at} ${long}`,
        environment: long,
      },
      operation: `${number} ${at} ${long}`,
      status: 2,
    }));
  const summaries = Array.from(
    { length: 6 },
    (_, number) => summaryOf(number, spans(number)),
  );
  const pages = packPages(summaries);
  const [one] = packPages(summaries.slice(0, 1));
  expect(pages.length).toBeGreaterThan(1);
  expect(pages.reduce((sum, { traces }) => sum + traces, 0)).toBe(6);
  for (const { body, services } of pages) {
    expect(body.length)
      .toBeLessThan(PAGE_BYTES + (one?.body.length ?? 0));
    // The platform's rows.
    expect(body.length + services.length).toBeLessThan(2_000_000);
  }
});

test("packPages() names MAX_PAGE_SERVICES services of a page; with more, it is read for any", () => {
  const perTrace = 10;
  function page(services: number): TracePage | undefined {
    const names = Array.from({ length: services }, (_, at) => `service-${at}`);
    const summaries: TraceSummary[] = [];
    for (let at = 0; at < services; at += perTrace) {
      const spans = names.slice(at, at + perTrace).map(service);
      summaries.push(summaryOf(at, spans));
    }
    const pages = packPages(summaries);
    expect(pages.length).toBe(1);
    const last = idOf(Math.floor((services - 1) / perTrace) * perTrace);
    expect(foundIn(summaries, asksFor(`service-${services - 1}`)))
      .toEqual([`yes ${last}`]);
    return pages[0];
  }
  expect(page(MAX_PAGE_SERVICES)?.services.split("\n").length)
    .toBe(MAX_PAGE_SERVICES + 2);
  expect(page(MAX_PAGE_SERVICES + 1)?.services).toBe("\n*\n");
});

/** With so many values of the attribute `k`. */
function withValues(
  summary: TraceSummary,
  values: readonly number[],
): TraceSummary {
  const key = keyHash("k");
  const hashes = values.flatMap((value) => [...valueHashes(key, value)]);
  const attributes = withHashes(noAttributes(new Set(["k"])), hashes);
  return { ...summary, attributes };
}

function asksForValue(value: number, key = "k"): TraceFilter {
  return {
    ...ALWAYS,
    span: [{ on: "attribute", scope: "any", key, value }],
  };
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => at);
}

test("withHashes() tells of MAX_SUMMARY_ATTRIBUTES values; with more, any may be asked for", () => {
  const count = MAX_SUMMARY_ATTRIBUTES;
  const full = withValues(summaryOf(1), numbers(count));
  const over = withValues(summaryOf(1), numbers(count + 1));
  expect(foundIn([full], asksForValue(-1))).toEqual([]);
  expect(foundIn([full], asksForValue(count - 1)))
    .toEqual([`maybe ${idOf(1)}`]);
  expect(foundIn([over], asksForValue(-1))).toEqual([`maybe ${idOf(1)}`]);
  // Of two parts together, too.
  const half = withValues(summaryOf(1), [count]);
  expect(joinedSummary(full, half).attributes).toBe(UNINDEXED);
  expect(joinedSummary(full, full).attributes.hashes.size).toBe(count);
  expect(full.attributes.hashes.size).toBe(count);
});

test("joinedSummary() of parts that tell of different attributes tells of none", () => {
  const known = withValues(summaryOf(1), [1]);
  const keys = new Set(["l"]);
  const other = { ...known, attributes: noAttributes(keys) };
  expect(joinedSummary(known, other).attributes).toBe(UNINDEXED);
  expect(joinedSummary(known, known).attributes).toEqual(known.attributes);
});

test("packPages() names MAX_PAGE_ATTRIBUTES values of a page; with more, it is read for any", () => {
  const perTrace = MAX_PAGE_ATTRIBUTES / 32;
  function read(values: number): number {
    const summaries: TraceSummary[] = [];
    for (let at = 0; at < values; at += perTrace) {
      const own = numbers(values).slice(at, at + perTrace);
      summaries.push(withValues(summaryOf(at), own));
    }
    const pages = packPages(summaries);
    expect(pages.length).toBe(1);
    expect(foundIn(summaries, asksForValue(values - 1)).length).toBe(1);
    expect(foundIn(summaries, asksForValue(-1))).toEqual([]);
    const { keys, hashes } = pages[0]?.attributes ?? noPage();
    expect([keys, hashes.length]).toEqual(
      values > MAX_PAGE_ATTRIBUTES ? ["\n", 0] : ["\nk\n", 4 * values],
    );
    return hashes.length;
  }
  expect(read(MAX_PAGE_ATTRIBUTES)).toBeGreaterThan(0);
  expect(read(MAX_PAGE_ATTRIBUTES + 1)).toBe(0);
});

function noPage(): never {
  throw new Error("There is no page");
}

test("packPages() closes a page at PAGE_BYTES, however many values", () => {
  const summaries = numbers(PAGE_TRACES).map((at) =>
    withValues(
      summaryOf(at),
      numbers(MAX_SUMMARY_ATTRIBUTES).map((value) => at * 1e6 + value),
    )
  );
  const pages = packPages(summaries);
  expect(pages.length).toBeGreaterThan(1);
  expect(pages.reduce((sum, { traces }) => sum + traces, 0)).toBe(PAGE_TRACES);
  for (const page of pages) {
    expect(bytesOfPage(page)).toBeLessThan(1024 * 1024);
  }
});

test("askedTraces() compares MAX_ASKED_ATTRIBUTES values with pages, and leaves the rest to the spans", () => {
  function asked(count: number) {
    const span = numbers(count).flatMap((value) => asksForValue(value).span);
    return askedTraces({ span }).attributes.length;
  }
  expect(asked(MAX_ASKED_ATTRIBUTES)).toBe(MAX_ASKED_ATTRIBUTES);
  expect(asked(MAX_ASKED_ATTRIBUTES + 1)).toBe(MAX_ASKED_ATTRIBUTES);
  const conditions = numbers(MAX_ASKED_ATTRIBUTES + 1)
    .flatMap((value) => asksForValue(value).span)
    .filter((condition) => condition.on === "attribute");
  expect(askedTraces({ span: [{ on: "anyOf", conditions }] }).attributes)
    .toEqual([]);
  const all = withValues(summaryOf(1), numbers(MAX_ASKED_ATTRIBUTES + 1));
  const filter = { ...ALWAYS, span: conditions };
  expect(foundIn([all], filter)).toEqual([`maybe ${idOf(1)}`]);
});

/** All traces of a search, which goes on until there is no more. */
function searchAll(
  pages: readonly TracePage[],
  limit: number,
): { readonly ids: readonly string[]; readonly reads: readonly number[] } {
  const ids: string[] = [];
  const reads: number[] = [];
  let after: TracePosition | null = null;
  do {
    let read = 0;
    const { found, until } = searchPages({ filter: ALWAYS, after, limit }, {
      fresh: new Map(),
      pages: pagesOf(pages, () => read++),
    });
    ids.push(...found.map(({ summary }) => summary.traceId));
    reads.push(read);
    expect(after === null || until === null || byPosition(after, until) < 0)
      .toBe(true);
    after = until;
  } while (after !== null);
  return { ids, reads };
}

test("searchPages() stops after MAX_PAGES_PER_SEARCH, and goes on without repeating or leaving out", () => {
  const summaries = Array.from(
    { length: 2 * MAX_PAGES_PER_SEARCH + 1 },
    (_, at) => summaryOf(at),
  );
  const pages = summaries.flatMap((summary) => packPages([summary]));
  const expected = summaries.toSorted(byPosition).map(({ traceId }) => traceId);
  const full = pages.slice(-MAX_PAGES_PER_SEARCH);
  expect(searchAll(full, 1e6)).toEqual({
    ids: expected.slice(0, MAX_PAGES_PER_SEARCH),
    reads: [MAX_PAGES_PER_SEARCH],
  });
  // The page that is one too many is looked at for its time alone.
  const over = searchAll(pages.slice(-MAX_PAGES_PER_SEARCH - 1), 1e6);
  expect([over.ids, over.reads.length, over.reads[0]])
    .toEqual([
      expected.slice(0, MAX_PAGES_PER_SEARCH + 1),
      2,
      MAX_PAGES_PER_SEARCH + 1,
    ]);
  expect(searchAll(pages, 1e6).ids).toEqual(expected);
  expect(searchAll(pages, 7).ids).toEqual(expected);
});

test("searchPages() comes to an end where more than MAX_PAGES_PER_SEARCH pages reach over the same time", () => {
  const count = MAX_PAGES_PER_SEARCH + 20;
  const summaries: TraceSummary[] = [];
  const pages: TracePage[] = [];
  for (let at = 0; at < count; at++) {
    // A trace of now, and one of a sender whose clock is fast.
    const both = [
      summaryOf(at),
      summaryOf(count + at, [{}], 1_000_000 + at % 3),
    ];
    summaries.push(...both);
    pages.push(...packPages(both));
  }
  const expected = summaries.toSorted(byPosition).map(({ traceId }) => traceId);
  expect(searchAll(pages, 1e6).ids).toEqual(expected);
  expect(searchAll(pages, 50).ids).toEqual(expected);
});

test("searchTraces() reads MAX_TRACES_READ traces, and goes on where it stopped", async () => {
  const summaries = Array.from(
    { length: MAX_TRACES_READ + 1 },
    (_, at) => summaryOf(at),
  );
  let read = 0;
  const filter: TraceFilter = {
    ...ALWAYS,
    span: [{ on: "attribute", scope: "any", key: "none", value: "so" }],
  };
  function sourcesOf(some: readonly TraceSummary[]) {
    const pages = packPages(some);
    const shard: AskedShard = {
      findTraces: (ids) => {
        read += ids.length;
        return Promise.resolve(packKeptTraces([]));
      },
      searchTraces: (search) =>
        Promise.resolve(
          searchPages(search, { fresh: new Map(), pages: pagesOf(pages) }),
        ),
    };
    return shardSources({ all: [shard], owners: () => [shard] });
  }
  const search = { filter, after: null, limit: 1000, withSpans: false };
  const [oldest, next] = summaries;
  const newest = sourcesOf(summaries.slice(1));
  // The last of them was read: only another call tells that there is no more.
  expect(await searchTraces(newest, search)).toEqual({
    hits: [],
    next: { startNs: next?.startNs, traceId: next?.traceId },
  });
  expect(read).toBe(MAX_TRACES_READ);
  read = 0;
  const all = sourcesOf(summaries);
  const first = await searchTraces(all, search);
  expect([read, first.next?.traceId]).toEqual([MAX_TRACES_READ, next?.traceId]);
  const rest = await searchTraces(all, { ...search, after: first.next });
  expect([read, rest]).toEqual([MAX_TRACES_READ + 1, { hits: [], next: null }]);
  read = 0;
  const few = sourcesOf(summaries.slice(2));
  expect(await searchTraces(few, search)).toEqual({ hits: [], next: null });
  expect([read, oldest?.traceId]).toEqual([MAX_TRACES_READ - 1, idOf(0)]);
});

test("pieceResources() remembers MAX_REMEMBERED_RESOURCES resources, then begins anew", () => {
  const ofSpan = pieceResources();
  function askedFor(number: number): readonly string[] {
    const text = JSON.stringify({
      resource: {
        attributes: [{
          key: "cloud.resource_id",
          value: { stringValue: `resource-${number}` },
        }],
      },
      scopeSpans: [],
    });
    return ofSpan({
      key: "",
      encoding: "json",
      resource: piece(text),
      scope: piece("{}"),
      span: piece("{}"),
    });
  }
  const first = askedFor(0);
  expect(first).toContain("resource-0");
  for (let at = 1; at < MAX_REMEMBERED_RESOURCES; at++) askedFor(at);
  expect(askedFor(1)).toBe(askedFor(1));
  expect(askedFor(0)).toBe(first);
  askedFor(MAX_REMEMBERED_RESOURCES);
  const again = askedFor(0);
  expect(again).not.toBe(first);
  expect(again).toEqual(first);
});

test("a page names a service as a search asks for it", () => {
  const [page] = packPages([summaryOf(1, [service("a/b @é\n!")])]);
  const encoded = nodeId(service("a/b @é\n!").service);
  expect(page?.services).toBe(`\n${encoded}\n`);
  expect(foundIn([summaryOf(1, [service("a/b @é\n!")])], asksFor("a/b @é\n!")))
    .toEqual([`yes ${idOf(1)}`]);
});
