import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { hexOf } from "../../src/codec/byte_string.ts";
import { cutByShard, resourceFacts } from "../../src/ingest/cut_by_shard.ts";
import { sentSpans } from "../../src/ingest/sent_spans.ts";
import { readTracesJson } from "../../src/otlp/traces_json.ts";
import { readTracesProtobuf } from "../../src/otlp/traces_protobuf.ts";
import { ANY_TRACE, type TraceFilter } from "../../src/search/trace_filter.ts";
import type { Span } from "../../src/spans/span.ts";
import { shardOf } from "../../src/trace/ownership.ts";
import {
  type ReadMessage,
  readMessage,
} from "../../src/trace/trace_message.ts";
import { attributeIndex } from "../../src/trace_index/attribute_index.ts";
import { DEFAULT_INDEXED_ATTRIBUTES } from "../../src/trace_index/indexed_keys.ts";
import { pieceResources } from "../../src/trace_index/piece_resources.ts";
import { shardSources } from "../../src/trace_search/shard_source.ts";
import { searchTraces } from "../../src/trace_search/search_traces.ts";
import type { TracePosition } from "../../src/trace_index/trace_page.ts";
import type {
  AskedShard,
  TraceShards,
} from "../../src/trace_search/trace_shards.ts";
import { TraceStore } from "../../src/trace_store/trace_store.ts";
import { batchOf } from "../otlp/plain_batch.ts";
import { jsonOfSpans, protobufOfSpans } from "../spans/body_of_spans.ts";
import { wholeSpan } from "../search/whole_span.ts";
import { searchOracle } from "../traces/search_oracle.ts";
import {
  SMALL_FORMS,
  SMALL_START_NS,
  SMALL_VALUES,
  smallFilter,
  smallSpans,
} from "../traces/small_spans.ts";

const NOW_MS = Number(SMALL_START_NS / 1_000_000n);
const TABLES = ["fresh_span", "kept_batch", "kept_chunk", "trace_page"];
const MAX_SHARDS = 3;
const UTF8 = new TextEncoder();

/** A store in an object of its own, which can start again at any moment. */
class Shard implements AskedShard {
  readonly #stub: DurableObjectStub;
  #store: TraceStore | null = null;
  #keys: readonly string[] = [];

  constructor(number: number) {
    this.#stub = env.TRACE_SHARD.getByName(`trace search ${number}`);
  }

  within<T>(what: (store: TraceStore) => T | Promise<T>): Promise<T> {
    return runInDurableObject(this.#stub, (_, { storage }) => {
      this.#store ??= new TraceStore(storage, {
        resourceIds: pieceResources(),
        attributes: attributeIndex(this.#keys),
      });
      return what(this.#store);
    });
  }

  async empty(keys: readonly string[]): Promise<void> {
    await runInDurableObject(this.#stub, (_, { storage }) => {
      for (const table of TABLES) storage.sql.exec(`DELETE FROM ${table}`);
    });
    this.restart(keys);
  }

  /** As after a deployment with another setting. */
  restart(keys: readonly string[]): void {
    this.#store = null;
    this.#keys = keys;
  }

  findTraces(ids: readonly string[]) {
    return this.within((store) => store.find(ids));
  }

  searchTraces(search: Parameters<AskedShard["searchTraces"]>[0]) {
    return this.within((store) => store.search(search));
  }
}

const ALL_SHARDS = Array.from(
  { length: MAX_SHARDS },
  (_, number) => new Shard(number),
);

/** The messages that a request with these spans is cut into, by shard. */
function messagesOf(
  spans: readonly Span[],
  { isJson, shards }: { readonly isJson: boolean; readonly shards: number },
): ReadonlyMap<number, ReadMessage[]> {
  const body = isJson
    ? UTF8.encode(JSON.stringify(jsonOfSpans(spans)))
    : protobufOfSpans(spans);
  const batch = batchOf(
    isJson ? readTracesJson(body) : readTracesProtobuf(body),
  );
  const messages = new Map<number, ReadMessage[]>();
  const cut = cutByShard(batch, {
    shards,
    resources: resourceFacts(batch),
    sent: sentSpans({ batch, body, encoding: isJson ? "json" : "protobuf" }),
    notKept: (count) => {
      throw new Error(`${count} spans are not kept`);
    },
  });
  for (const { shard, message } of cut) {
    const ofShard = messages.get(shard) ?? [];
    ofShard.push(readMessage(message));
    messages.set(shard, ofShard);
  }
  return messages;
}

interface Step {
  /** How many of the spans that are left; some come again. */
  readonly spans: number;
  readonly again: number;
  readonly isJson: boolean;
  readonly next: "batch" | "restart" | "batchMeanwhile" | "nothing";
  /** Attributes that are indexed after a restart. */
  readonly keys: readonly string[];
}

const indexedKeys = fc.constantFrom<readonly string[]>(["k"], ["k", "none"], [
  "none",
], []);

const step: fc.Arbitrary<Step> = fc.record({
  spans: fc.integer({ min: 1, max: 12 }),
  again: fc.integer({ min: 0, max: 3 }),
  isJson: fc.boolean(),
  next: fc.constantFrom("batch", "restart", "batchMeanwhile", "nothing"),
  keys: indexedKeys,
});

async function take(
  spans: readonly Span[],
  shards: readonly Shard[],
  { isJson, next, keys }: Step,
): Promise<void> {
  const messages = messagesOf(spans, { isJson, shards: shards.length });
  await Promise.all(shards.map(async (shard, number) => {
    await shard.within(async (store) => {
      // What was there before leaves while these come.
      const ending = next === "batchMeanwhile" ? store.batch(NOW_MS) : null;
      store.accept(messages.get(number) ?? [], NOW_MS);
      await ending;
      if (next === "batch") await store.batch(NOW_MS);
    });
    if (next === "restart") shard.restart(keys);
  }));
}

async function allPages(
  shards: TraceShards,
  search: {
    readonly filter: TraceFilter;
    readonly limit: number;
    readonly withSpans: boolean;
  },
) {
  const hits = [];
  let after: TracePosition | null = null;
  for (let pages = 0;; pages++) {
    const page = await searchTraces(shardSources(shards), { ...search, after });
    hits.push(...page.hits);
    expect(page.hits.length).toBeLessThanOrEqual(search.limit);
    after = page.next;
    if (after === null) return hits;
    expect(pages).toBeLessThan(100);
  }
}

/** Spans, how they come, to how many shards, and what is asked of them. */
type Example = [
  readonly Span[],
  Step[],
  number,
  TraceFilter[],
  number,
  readonly string[],
];

const AT_ONCE: Step[] = [
  { spans: 9, again: 0, isJson: false, next: "batch", keys: [] },
];
const ALL = { ...ANY_TRACE, fromNs: 0n, toNs: 2n ** 63n };

/** The root by its id is not the one by its name. */
const ROOTS_AT_ONCE: Example = [
  [
    wholeSpan({ spanId: "1".repeat(16), name: "b" }),
    wholeSpan({ spanId: "2".repeat(16), name: "a" }),
  ],
  AT_ONCE,
  1,
  [
    { ...ALL, root: { service: null, name: "b" } },
    { ...ALL, root: { service: null, name: "a" } },
  ],
  1,
  [],
];

const ENDS_BEFORE_IT_STARTS: Example = [
  [
    wholeSpan({ spanId: "1".repeat(16), startNs: 100n, endNs: 1n }),
    wholeSpan({ spanId: "2".repeat(16), startNs: 50n, endNs: 60n }),
  ],
  AT_ONCE,
  1,
  [{ ...ALL, maxDurationNs: 49, span: [{ on: "name", name: "work" }] }, {
    ...ALL,
    minDurationNs: 50,
    span: [{ on: "name", name: "work" }],
  }],
  1,
  [],
];

/** Takes spans step by step; then each filter finds what the oracle does. */
async function expectFound(
  ...[spans, steps, count, filters, limit, keys]: Example
): Promise<number> {
  const shards = ALL_SHARDS.slice(0, count);
  await Promise.all(shards.map((shard) => shard.empty(keys)));
  let taken = 0;
  for (const one of steps) {
    const until = Math.min(taken + one.spans, spans.length);
    const from = Math.max(taken - one.again, 0);
    if (until > from) await take(spans.slice(from, until), shards, one);
    taken = until;
  }
  const asked: TraceShards = {
    all: shards,
    owners: (id) => shards.filter((_, at) => at === shardOf(id, count)),
  };
  let found = 0;
  for (const [at, filter] of filters.entries()) {
    const withSpans = at % 2 === 0;
    const hits = await allPages(asked, { filter, limit, withSpans });
    const ids = hits.map(({ summary }) => hexOf(summary.traceId));
    const here = spans.slice(0, taken);
    expect(ids).toEqual(searchOracle(here, filter, SMALL_FORMS));
    found += ids.length;
    if (!withSpans) continue;
    expect(hits.map((hit) => hit.spans?.length)).toEqual(
      ids.map((id) => here.filter(({ traceId }) => traceId === id).length),
    );
  }
  return found;
}

test("searchTraces() finds what a brute force over all spans finds, in its order, page by page, wherever shards make batches and start again", async () => {
  let found = 0;
  await fc.assert(
    fc.asyncProperty(
      smallSpans,
      fc.array(step, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: MAX_SHARDS }),
      fc.array(smallFilter, { minLength: 4, maxLength: 8 }),
      fc.integer({ min: 1, max: 4 }),
      indexedKeys,
      async (...example) => {
        found += await expectFound(...example);
      },
    ),
    { numRuns: 60, examples: [ROOTS_AT_ONCE, ENDS_BEFORE_IT_STARTS] },
  );
  expect(found).toBeGreaterThan(100);
});

test("searchTraces() finds each trace by each value of an attribute, whichever attributes were indexed when its spans came", async () => {
  const filters = SMALL_VALUES.map((value): TraceFilter => ({
    ...ALL,
    span: [{ on: "attribute", scope: "any", key: "k", value }],
  }));
  let found = 0;
  await fc.assert(
    fc.asyncProperty(
      smallSpans,
      fc.array(step, { minLength: 2, maxLength: 6, size: "max" }),
      indexedKeys,
      async (spans, steps, keys) => {
        found += await expectFound(spans, steps, 1, filters, 9, keys);
      },
    ),
    { numRuns: 30 },
  );
  expect(found).toBeGreaterThan(150);
});

test("TraceShard.searchTraces() leaves out the traces that do not have a value of an attribute that the settings index", async () => {
  const shard = "trace search settings/trace/0";
  const [indexed = ""] = DEFAULT_INDEXED_ATTRIBUTES;
  const stub = env.TRACE_SHARD.getByName(shard);
  const spans = [wholeSpan({ attributes: { [indexed]: "GET", other: "GET" } })];
  for (
    const { bytes } of messagesOf(spans, { isJson: false, shards: 1 }).get(0) ??
      []
  ) {
    await stub.accept(bytes, { tenant: "trace search settings", shard });
  }
  async function verdicts(key: string, value: string) {
    const span = [{ on: "attribute", scope: "any", key, value } as const];
    const filter = { ...ALL, span };
    const { found } = await stub.searchTraces({
      filter,
      after: null,
      limit: 9,
    });
    return found.map(({ verdict }) => verdict);
  }
  expect(await verdicts(indexed, "GET")).toEqual(["maybe"]);
  expect(await verdicts(indexed, "PUT")).toEqual([]);
  expect(await verdicts("other", "GET")).toEqual(["maybe"]);
  expect(await verdicts("other", "PUT")).toEqual(["maybe"]);
});
