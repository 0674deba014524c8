import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  MAX_FRESH_AGE_MS,
  TraceStore,
} from "../../src/trace_store/trace_store.ts";
import { unpackKeptTraces } from "../../src/trace_store/kept_trace.ts";
import type { TracePosition } from "../../src/trace_index/trace_page.ts";
import type { GeneratedSpan } from "../trace/brute_force_map.ts";
import { DeltaBook } from "../../src/trace/delta_book.ts";
import { countSpan } from "../../src/trace/count_span.ts";
import { plainSpan } from "../trace/plain_span.ts";
import { smallId, spanArbitrary } from "../trace/span_arbitrary.ts";
import { bruteForceTraces } from "../trace_store/brute_force_traces.ts";
import { readKept } from "../trace_store/kept_message.ts";

const NOW_MS = 1_700_000_000_000;
const EVERYTHING = {
  span: [],
  failed: null,
  root: { service: null, name: null },
  minDurationNs: null,
  maxDurationNs: null,
  fromNs: 0n,
  toNs: 2n ** 63n,
};
const TABLES = ["fresh_span", "kept_batch", "kept_chunk", "trace_page"];
const UTF8 = new TextDecoder();

function pieceOf({ span }: GeneratedSpan): string {
  return `${span.operation} of ${span.service.name} for ${span.durationNs}`;
}

/** A store whose process can end at any moment. */
class Trial {
  readonly #storage: DurableObjectStorage;
  readonly taken: GeneratedSpan[] = [];
  store: TraceStore;
  nowMs = NOW_MS;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    for (const table of TABLES) storage.sql.exec(`DELETE FROM ${table}`);
    this.store = this.#open();
  }

  #open(): TraceStore {
    return new TraceStore(this.#storage, {
      resourceIds: ({ resource }) => [UTF8.decode(resource)],
    });
  }

  accept(spans: readonly GeneratedSpan[]): void {
    this.store.accept([readKept(spans, pieceOf)], this.nowMs);
    this.taken.push(...spans);
  }

  restart(): void {
    this.store = this.#open();
  }

  /** All traces, by pages of a search, each with the bytes of its spans. */
  async all(limit: number) {
    const found = [];
    let after: TracePosition | null = null;
    do {
      const filter = EVERYTHING;
      const page = await this.store.search({ filter, after, limit });
      found.push(...page.found.map(({ summary }) => summary));
      after = page.until;
    } while (after !== null);
    const ids = found.map(({ traceId }) => traceId);
    const kept = new Map(
      unpackKeptTraces(await this.store.find(ids)).map(
        ({ id, spans }) => [id, spans],
      ),
    );
    return found.map(({ groups, ...summary }) => ({
      traceId: summary.traceId,
      startNs: summary.startNs,
      endNs: summary.endNs,
      spanCount: summary.spanCount,
      errorCount: summary.errorCount,
      services: [...new Set(groups.map(({ service }) => service))].toSorted(),
      pieces: kept.get(summary.traceId)
        ?.map(({ span }) => UTF8.decode(span)).toSorted(),
    }));
  }

  expected() {
    return bruteForceTraces(this.taken, pieceOf);
  }
}

type Step =
  | { readonly do: "accept"; readonly spans: number; readonly again: boolean }
  | { readonly do: "batch" | "restart" | "beginBatch" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("accept" as const),
    spans: fc.integer({ min: 1, max: 6 }),
    again: fc.boolean(),
  }),
  fc.record({ do: fc.constantFrom("batch", "restart", "beginBatch") }),
);

test("TraceStore finds every trace whole and in order, wherever it makes batches, dies and starts again", async () => {
  const stub = env.TRACE_SHARD.getByName("trace store");
  await runInDurableObject(stub, async (_, { storage }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 14, size: "max" }),
        fc.infiniteStream(spanArbitrary(NOW_MS)),
        fc.integer({ min: 1, max: 3 }),
        async (steps, stream, limit) => {
          const trial = new Trial(storage);
          for (const one of steps) {
            trial.nowMs += 1000;
            if (one.do === "accept") {
              const spans = [...stream.take(one.spans)];
              trial.accept(spans);
              if (one.again) trial.accept(spans.toReversed());
            } else if (one.do === "restart") {
              trial.restart();
            } else if (one.do === "batch") {
              await trial.store.batch(trial.nowMs);
            } else {
              // Others come while it goes on.
              const ending = trial.store.batch(trial.nowMs);
              trial.accept([...stream.take(3)]);
              await ending;
            }
          }
          // Summaries of parts are exact once they are together.
          await trial.store.batch(trial.nowMs);
          expect(await trial.all(limit)).toEqual(trial.expected());
          trial.restart();
          expect(await trial.all(limit)).toEqual(trial.expected());
        },
      ),
      { numRuns: 150 },
    );
  });
});

test("TraceStore.find() has what came at once, while a batch is made, and after it", async () => {
  const stub = env.TRACE_SHARD.getByName("trace store at once");
  await runInDurableObject(stub, async (_, { storage }) => {
    const trial = new Trial(storage);
    const [first, second, third] = fc.sample(spanArbitrary(NOW_MS), {
      numRuns: 3,
      seed: 4,
    }).map(({ span }, at) => ({
      links: [],
      span: { ...span, traceId: smallId(16, 1), spanId: smallId(8, at + 1) },
    }));
    if (!first || !second || !third) throw new Error("no spans");
    async function count(): Promise<number | undefined> {
      const found = await trial.store.find([smallId(16, 1), smallId(16, 2)]);
      return unpackKeptTraces(found)[0]?.spans.length;
    }
    expect(await count()).toBe(undefined);
    trial.accept([first]);
    expect(await count()).toBe(1);
    const ending = trial.store.batch(NOW_MS);
    trial.accept([second]);
    expect(await count()).toBe(2);
    await ending;
    expect(await count()).toBe(2);
    trial.accept([third]);
    expect(await count()).toBe(3);
    await trial.store.batch(NOW_MS);
    expect(await count()).toBe(3);
    expect(trial.store.status().batches).toBe(2);
  });
});

test("TraceStore.retain() forgets the oldest first, and the index with them", async () => {
  const stub = env.TRACE_SHARD.getByName("trace store retention");
  await runInDurableObject(stub, async (_, { storage }) => {
    const trial = new Trial(storage);
    const spans = fc.sample(spanArbitrary(NOW_MS), { numRuns: 6, seed: 1 })
      .map((one, at) => ({
        ...one,
        span: { ...one.span, traceId: smallId(16, at + 1) },
      }));
    for (const span of spans) {
      trial.accept([span]);
      await trial.store.batch(trial.nowMs);
      trial.nowMs += 60_000;
    }
    // A late span: its trace is as young as that.
    const [oldest] = spans;
    if (oldest === undefined) throw new Error("no spans");
    const late = { ...oldest.span, spanId: smallId(8, 99) };
    trial.accept([{ links: [], span: late }]);
    await trial.store.batch(trial.nowMs);
    trial.store.retain({ ageMs: 4 * 60_000, bytes: Infinity }, trial.nowMs);
    const left = new Set([1, 3, 4, 5, 6].map((id) => smallId(16, id)));
    trial.taken.splice(
      0,
      Infinity,
      ...trial.taken.filter(({ span }) => left.has(span.traceId)),
    );
    expect(await trial.all(2)).toEqual(trial.expected());
    const { keptBytes } = trial.store.status();
    trial.store.retain({ ageMs: Infinity, bytes: keptBytes }, trial.nowMs);
    expect(trial.store.status().batches).toBe(5);
    trial.store.retain({ ageMs: Infinity, bytes: keptBytes - 1 }, trial.nowMs);
    expect(trial.store.status().batches).toBe(4);
    trial.restart();
    left.delete(smallId(16, 3));
    expect(new Set((await trial.all(9)).map(({ traceId }) => traceId)))
      .toEqual(left);
    trial.store.retain({ ageMs: -1, bytes: Infinity }, trial.nowMs);
    for (const table of TABLES) {
      expect(storage.sql.exec(`SELECT * FROM ${table}`).toArray()).toEqual([]);
    }
  });
});

test("TraceStore.nextBatchMs() is MAX_FRESH_AGE_MS after the first span, or at once for many", async () => {
  const stub = env.TRACE_SHARD.getByName("trace store due");
  await runInDurableObject(stub, (_, { storage }) => {
    const trial = new Trial(storage);
    expect(trial.store.nextBatchMs(NOW_MS)).toBe(null);
    trial.accept(fc.sample(spanArbitrary(NOW_MS), 1));
    trial.nowMs += 5;
    trial.accept(fc.sample(spanArbitrary(NOW_MS), 1));
    expect(trial.store.nextBatchMs(NOW_MS + 5)).toBe(NOW_MS + MAX_FRESH_AGE_MS);
    const { freshBytes } = trial.store.status();
    const options = { resourceIds: () => [] };
    for (const [more, dueMs] of [[1, NOW_MS + MAX_FRESH_AGE_MS], [0, NOW_MS]]) {
      const store = new TraceStore(storage, {
        ...options,
        maxFreshBytes: freshBytes + (more ?? 0),
      });
      expect(store.nextBatchMs(NOW_MS)).toBe(dueMs);
    }
  });
});

test("TraceStore.batch() of a share keeps what failed, the samples of the map, late spans' traces, and that share", async () => {
  const stub = env.TRACE_SHARD.getByName("trace store tail");
  await runInDurableObject(stub, async (_, { storage }) => {
    const trial = new Trial(storage);
    const count = 400;
    function spanOf(at: number, spanId = 1): GeneratedSpan {
      const traceId = `${at}`.padStart(16, "0");
      const status = at % 100 === 0 ? 2 : 0;
      const operation = at % 2 === 0 ? "even" : "odd";
      return {
        links: [],
        span: plainSpan(NOW_MS, {
          traceId,
          spanId: smallId(8, spanId),
          status,
          operation,
          durationNs: at,
        }),
      };
    }
    const spans = Array.from({ length: count }, (_, at) => spanOf(at));
    const book = new DeltaBook();
    for (const { span } of spans) {
      countSpan(book.window(span.service, 60), span, NOW_MS);
    }
    trial.accept(spans);
    trial.store.shown(book.drain());
    await trial.store.batch(NOW_MS, { share: 0 });
    async function kept(): Promise<number[]> {
      const all = await trial.all(500);
      return all.map(({ traceId }) => Number(traceId)).toSorted((a, b) =>
        a - b
      );
    }
    const failed = [0, 100, 200, 300];
    const slowest = [394, 395, 396, 397, 398, 399];
    expect(await kept()).toEqual([...failed, ...slowest]);
    expect(trial.store.status().sampledOut).toBe(count - 10);
    // One that is kept goes on to be, with what comes late.
    trial.accept([spanOf(399, 2), spanOf(398, 2), spanOf(1, 2)]);
    await trial.store.batch(NOW_MS, { share: 0 });
    expect(await kept()).toEqual([...failed, ...slowest]);
    expect(
      (await trial.all(500)).find(({ traceId }) => Number(traceId) === 399)
        ?.spanCount,
    ).toBe(2);
    // After a restart it is not known which are samples: all are kept.
    trial.accept([spanOf(7)]);
    trial.restart();
    await trial.store.batch(NOW_MS, { share: 0 });
    expect(await kept()).toEqual([0, 7, ...failed.slice(1), ...slowest]);
  });
});

test.each([0.1, 0.5])(
  "TraceStore.batch() of a share of %d keeps about so many",
  async (share) => {
    const stub = env.TRACE_SHARD.getByName(`trace store share ${share}`);
    await runInDurableObject(stub, async (_, { storage }) => {
      const trial = new Trial(storage);
      const count = 2000;
      trial.accept(Array.from({ length: count }, (_, at) => ({
        links: [],
        span: plainSpan(NOW_MS, { traceId: `${at}`.padStart(16, "0") }),
      })));
      await trial.store.batch(NOW_MS, { share });
      const { keptTraces, sampledOut } = trial.store.status();
      expect(keptTraces + sampledOut).toBe(count);
      expect(Math.abs(keptTraces / count - share)).toBeLessThan(0.04);
    });
  },
);
