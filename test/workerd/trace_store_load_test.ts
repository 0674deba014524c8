import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { ANY_TRACE } from "../../src/search/trace_filter.ts";
import {
  readMessage,
  TraceMessageWriter,
  withBlock,
} from "../../src/trace/trace_message.ts";
import { spanKey } from "../../src/spans/kept_span.ts";
import { unpackKeptTraces } from "../../src/trace_store/kept_trace.ts";
import { SpanBlockWriter } from "../../src/trace_store/span_block.ts";
import type { TracePosition } from "../../src/trace_index/trace_page.ts";
import { TraceStore } from "../../src/trace_store/trace_store.ts";
import { plainSpan } from "../trace/plain_span.ts";

const NOW_MS = 1_700_000_000_000;
const ROUNDS = 100;
/** Before each so manieth nobody writes, until all is too old. */
const IDLE_ROUNDS = 40;
const MESSAGES_PER_ROUND = 3;
const SPANS_PER_MESSAGE = 6;
/** One span in so many is a late one of a trace that came before. */
const LATE = 4;
const LIMITS = { ageMs: 40_000, bytes: 200_000 };
const NOTHING = new Uint8Array();

/** What is known to be kept of one trace, by the spans' keys. */
interface KnownTrace {
  /** The newest batch that holds it; null: none. */
  batch: number | null;
  readonly batched: Set<string>;
  readonly fresh: Set<string>;
}

/** What was written, as the simplest reading of the rules has it. */
class Model {
  readonly traces: Map<string, KnownTrace> = new Map();

  add(id: string, key: string): void {
    const trace = this.traces.get(id) ??
      { batch: null, batched: new Set(), fresh: new Set() };
    this.traces.set(id, trace);
    trace.fresh.add(key);
  }

  /** Puts what was fresh when a batch began in it. */
  batch(batch: number, left: ReadonlyMap<string, ReadonlySet<string>>): void {
    for (const [id, keys] of left) {
      const trace = this.traces.get(id);
      if (trace === undefined) throw new Error("It was never there");
      trace.batch = batch;
      for (const key of keys) {
        trace.batched.add(key);
        trace.fresh.delete(key);
      }
    }
  }

  fresh(): ReadonlyMap<string, ReadonlySet<string>> {
    return new Map(
      Array.from(
        this.traces,
        ([id, { fresh }]) => [id, new Set(fresh)] as const,
      )
        .filter(([, keys]) => keys.size > 0),
    );
  }

  /**
   * Forgets the batches before one.
   *
   * @returns The traces of which spans went.
   */
  forgetBefore(batch: number): ReadonlySet<string> {
    const forgotten = new Set<string>();
    for (const [id, trace] of this.traces) {
      if (trace.batch === null || trace.batch >= batch) continue;
      forgotten.add(id);
      trace.batch = null;
      trace.batched.clear();
      if (trace.fresh.size === 0) this.traces.delete(id);
    }
    return forgotten;
  }

  spansOf(id: string): ReadonlySet<string> {
    const { batched = [], fresh = [] } = this.traces.get(id) ?? {};
    return new Set([...batched, ...fresh]);
  }
}

class Trial {
  readonly #sql: SqlStorage;
  readonly #random = new SeededRandom(5);
  readonly store: TraceStore;
  readonly model = new Model();
  #spans = 0;
  #traces = 0;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
    this.store = new TraceStore(storage, {
      resourceIds: () => [],
      maxFreshBytes: 30_000,
    });
  }

  write(nowMs: number): void {
    const facts = new TraceMessageWriter();
    const block = new SpanBlockWriter("protobuf");
    for (let at = 0; at < SPANS_PER_MESSAGE; at++) {
      const isLate = this.#traces > 0 && this.#random.below(LATE) === 0;
      const number = isLate
        ? 1 + this.#random.below(this.#traces)
        : ++this.#traces;
      const span = plainSpan(nowMs + at, {
        traceId: `${number}`.padStart(16, "0"),
        spanId: `${++this.#spans}`.padStart(8, "0"),
      });
      facts.span(span);
      // Of bytes that cannot be compressed.
      const bytes = new Uint8Array(200 + this.#random.below(1500));
      crypto.getRandomValues(bytes);
      block.add({ resource: NOTHING, scope: NOTHING, span: bytes });
      this.model.add(span.traceId, spanKey(span));
    }
    const message = withBlock(facts.finish(), block.finish());
    this.store.accept([readMessage(message)], nowMs);
  }

  batches(): { readonly ids: readonly number[]; readonly largest: number } {
    const rows = this.#sql.exec<{ id: number; bytes: number }>(
      "SELECT id, bytes FROM kept_batch ORDER BY id",
    ).toArray();
    return {
      ids: rows.map(({ id }) => id),
      largest: Math.max(0, ...rows.map(({ bytes }) => bytes)),
    };
  }

  bytesOnDisk(): number {
    return this.#sql.exec<{ bytes: number }>(
      `SELECT (SELECT coalesce(sum(length(body)), 0) FROM kept_chunk) +
        (SELECT coalesce(sum(length(body) + length(services) + length(keys) +
          length(hashes)), 0) FROM trace_page) AS bytes`,
    ).one().bytes;
  }

  /** The ids of all traces that searches name. */
  async searched(): Promise<readonly string[]> {
    const ids: string[] = [];
    let after: TracePosition | null = null;
    do {
      const filter = { ...ANY_TRACE, fromNs: 0n, toNs: 2n ** 62n };
      const page = await this.store.search({ filter, after, limit: 50 });
      ids.push(...page.found.map(({ summary }) => summary.traceId));
      after = page.until;
    } while (after !== null);
    return ids;
  }

  async keysOf(ids: readonly string[]) {
    const traces = unpackKeptTraces(await this.store.find(ids));
    return new Map(
      traces.map(({ id, spans }) => [id, new Set(spans.map(({ key }) => key))]),
    );
  }
}

test(
  "TraceStore under load keeps no more than it may, forgets the oldest first, and has every trace whole that a search names",
  async () => {
    const stub = env.TRACE_SHARD.getByName("trace store load");
    await runInDurableObject(stub, async (_, { storage }) => {
      const trial = new Trial(storage);
      const { store, model } = trial;
      let nowMs = NOW_MS;
      let batches = 0;
      let forgottenForAge = 0;
      let forgottenForBytes = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const isIdle = round % IDLE_ROUNDS === IDLE_ROUNDS - 1;
        nowMs += isIdle ? LIMITS.ageMs : 1000;
        for (let at = 0; at < MESSAGES_PER_ROUND; at++) trial.write(nowMs);
        const known = [...model.traces.keys()];
        const dueMs = store.nextBatchMs(nowMs, LIMITS);
        const leaving = model.fresh();
        const isDue = dueMs !== null && dueMs <= nowMs;
        const ending = isDue ? store.batch(nowMs) : null;
        // What is asked and what comes while a batch is made.
        const searching = trial.searched();
        const finding = trial.keysOf(known);
        const before = new Map(known.map((id) => [id, model.spansOf(id)]));
        trial.write(nowMs);
        await ending;
        if (isDue) {
          batches++;
          model.batch(trial.batches().ids.at(-1) ?? 0, leaving);
        }
        const { ids, largest } = trial.batches();
        expect(store.status().keptBytes)
          .toBeLessThanOrEqual(LIMITS.bytes + largest);

        // And while batches are forgotten.
        const meanwhile = [trial.searched(), trial.searched()];
        const oldest = ids[0] ?? 0;
        store.retain(LIMITS, nowMs);
        const left = trial.batches();
        const { keptBytes, oldestBatchMs } = store.status();
        expect(left.ids).toEqual(ids.slice(ids.length - left.ids.length));
        expect(keptBytes).toBeLessThanOrEqual(LIMITS.bytes);
        expect(trial.bytesOnDisk()).toBeLessThanOrEqual(keptBytes);
        expect(oldestBatchMs ?? nowMs)
          .toBeGreaterThanOrEqual(nowMs - LIMITS.ageMs);
        if ((left.ids[0] ?? Infinity) > oldest && ids.length > 0) {
          if (isIdle) forgottenForAge++;
          else forgottenForBytes++;
        }
        const forgotten = model.forgetBefore(left.ids[0] ?? Infinity);

        const found = await finding;
        const searches = await Promise.all([searching, ...meanwhile]);
        for (const [id, spans] of before) {
          // Of one that went meanwhile, some may have been found.
          if (forgotten.has(id)) continue;
          const keys = found.get(id);
          expect([id, [...spans].filter((key) => keys?.has(key) !== true)])
            .toEqual([id, []]);
          expect([id, searches.map((ids) => ids.includes(id))])
            .toEqual([id, [true, true, true]]);
        }
        if (round % 10 !== 9) continue;
        const now = await trial.searched();
        expect(now.toSorted()).toEqual([...model.traces.keys()].toSorted());
        const all = await trial.keysOf(now);
        for (const id of now) expect(all.get(id)).toEqual(model.spansOf(id));
      }
      expect(batches).toBeGreaterThan(30);
      expect([forgottenForAge, forgottenForBytes > 10]).toEqual([2, true]);
      expect(store.status()).toMatchObject({ lateSpans: 0, crowdedSpans: 0 });
    });
  },
  60_000,
);
