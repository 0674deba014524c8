import { DurableObject } from "cloudflare:workers";
import { hexOf } from "../../src/codec/byte_string.ts";
import { StatusCode } from "../../src/map/span_kind.ts";
import {
  ANY_TRACE,
  type SpanCondition,
} from "../../src/search/trace_filter.ts";
import { applySchemaSteps } from "../../src/storage/schema_steps.ts";
import { TRACE_SHARD_SCHEMA } from "../../src/trace/shard_schema.ts";
import { readMessage } from "../../src/trace/trace_message.ts";
import { attributeIndex } from "../../src/trace_index/attribute_index.ts";
import { DEFAULT_INDEXED_ATTRIBUTES } from "../../src/trace_index/indexed_keys.ts";
import { pieceResources } from "../../src/trace_index/piece_resources.ts";
import { shardSources } from "../../src/trace_search/shard_source.ts";
import { searchTraces } from "../../src/trace_search/search_traces.ts";
import type { TracePosition } from "../../src/trace_index/trace_page.ts";
import { readTraceId } from "../../src/trace_search/trace_id.ts";
import { TraceStore } from "../../src/trace_store/trace_store.ts";
import { SPANS_PER_TRACE, TraceStoreTraffic } from "./trace_store_traffic.ts";

const DAY_MS = 86_400_000;
const START_MS = 1_700_000_000_000;
const TRACES_PER_MESSAGE = 8;

interface Environment {
  readonly STORE: DurableObjectNamespace<StoreObject>;
}

/** One store of traces, which is told by HTTP what to do. */
export class StoreObject extends DurableObject<Environment> {
  readonly #traffic = new TraceStoreTraffic();
  readonly #store: TraceStore;
  #rowsWritten = 0;

  constructor(ctx: DurableObjectState, env: Environment) {
    super(ctx, env);
    applySchemaSteps(ctx.storage, TRACE_SHARD_SCHEMA);
    const count = (rows: number): void => void (this.#rowsWritten += rows);
    this.#store = new TraceStore(counted(ctx.storage, count), {
      resourceIds: pieceResources(),
      attributes: attributeIndex(DEFAULT_INDEXED_ATTRIBUTES),
    });
  }

  override async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const asked = Object.fromEntries(searchParams);
    switch (pathname) {
      case "/fill":
        return Response.json(await this.#fill(asked));
      case "/batch":
        await this.#store.batch(START_MS + DAY_MS);
        return Response.json(null);
      case "/search":
        return Response.json(await this.#search(asked));
      case "/find":
        return Response.json(await this.#find(asked));
      default:
        return Response.json({
          ...this.#store.status(),
          rowsWritten: this.#rowsWritten,
          bytesOnDisk: this.ctx.storage.sql.databaseSize,
        });
    }
  }

  /** Up to `until` of `total` spans, which are spread over a day. */
  async #fill(asked: Record<string, string>): Promise<null> {
    const until = Number(asked["until"]);
    const msPerSpan = DAY_MS / Number(asked["total"]);
    while (this.#traffic.spans < until) {
      const left = Math.ceil((until - this.#traffic.spans) / SPANS_PER_TRACE);
      const traces = Math.min(TRACES_PER_MESSAGE, left);
      const nowMs = START_MS + Math.floor(this.#traffic.spans * msPerSpan);
      const message = this.#traffic.message(traces, nowMs - 1000);
      this.#store.accept([readMessage(message)], nowMs);
      const dueMs = this.#store.nextBatchMs(nowMs);
      if (dueMs !== null && dueMs <= nowMs) await this.#store.batch(nowMs);
    }
    return null;
  }

  /** All pages of a search, or the first. */
  async #search(asked: Record<string, string>) {
    const limit = Number(asked["limit"]);
    const span = conditionsOf(asked);
    const filter = { ...ANY_TRACE, span, fromNs: 0n, toNs: 2n ** 62n };
    let after: TracePosition | null = null;
    let calls = 0;
    let hits = 0;
    do {
      const shard = {
        findTraces: (ids: readonly string[]) => this.#store.find(ids),
        searchTraces: (search: Parameters<TraceStore["search"]>[0]) =>
          this.#store.search(search),
      };
      const result = await searchTraces(
        shardSources({
          all: [shard],
          owners: () => [shard],
        }),
        { filter, after, limit, withSpans: false },
      );
      calls++;
      hits += result.hits.length;
      after = result.next;
    } while (after !== null && hits < limit && asked["all"] !== undefined);
    return { calls, hits, more: after !== null };
  }

  /** A trace of the middle of what was filled, or its id where none is told. */
  async #find({ id, at }: Record<string, string>) {
    if (id === undefined) {
      const toNs = BigInt(START_MS + Number(at) * DAY_MS) * 1_000_000n;
      const { found } = await this.#store.search({
        filter: { ...ANY_TRACE, fromNs: 0n, toNs },
        after: null,
        limit: 1,
      });
      return { id: hexOf(found[0]?.summary.traceId ?? "") };
    }
    const found = await this.#store.find([readTraceId(id) ?? ""]);
    return { bytes: found.length };
  }
}

function conditionsOf(asked: Record<string, string>): readonly SpanCondition[] {
  const { service, attribute } = asked;
  const conditions: SpanCondition[] = [];
  if (service !== undefined) {
    conditions.push({
      on: "service",
      service: { name: service, namespace: null, environment: null },
    });
  }
  if (asked["failed"] !== undefined) {
    conditions.push({ on: "status", status: StatusCode.ERROR });
  }
  if (attribute !== undefined) {
    conditions.push({
      on: "attribute",
      scope: "any",
      key: attribute,
      value: "none has this",
    });
  }
  return conditions;
}

/** The same storage; tells of each row that is written. */
function counted(
  storage: DurableObjectStorage,
  count: (rows: number) => void,
): DurableObjectStorage {
  const { sql } = storage;
  const exec: SqlStorage["exec"] = (query, ...bindings) => {
    const cursor = sql.exec(query, ...bindings);
    count(cursor.rowsWritten);
    // Its type is of the caller's asking.
    return cursor as never;
  };
  return new Proxy(storage, {
    get(target, name) {
      if (name === "sql") return { exec };
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function"
        ? (...given: unknown[]) =>
          Reflect.apply(value, target, given) as unknown
        : value;
    },
  });
}

export default {
  fetch(request: Request, { STORE }: Environment): Promise<Response> {
    return STORE.getByName("store").fetch(request);
  },
};
