import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeWindow } from "../../src/map/service_window_codec.ts";
import { PAIR_WAIT_MS } from "../../src/trace/join.ts";
import {
  MAX_JOURNAL_AGE_MS,
  MAX_JOURNAL_BYTES,
  ShardEngine,
  type ShardEngineOptions,
} from "../../src/trace/shard_engine.ts";
import { readMessage } from "../../src/trace/trace_message.ts";
import { MAX_WAITING_HALVES } from "../../src/trace/waiting_halves.ts";
import { bruteForceMap, type GeneratedSpan } from "../trace/brute_force_map.ts";
import { messageOf } from "../trace/message_of.ts";
import { ObservedMap } from "../trace/observed_map.ts";
import { plainSpan } from "../trace/plain_span.ts";
import { spansArbitrary } from "../trace/span_arbitrary.ts";

const NOW_MS = 1_700_000_000_000;

type Step =
  | { readonly do: "accept"; readonly spans: number }
  | { readonly do: "tick" | "deliver" | "restart" }
  | { readonly do: "pass"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("accept" as const), spans: fc.nat(6) }),
  fc.record({ do: fc.constantFrom("tick", "deliver", "restart") }),
  fc.record({
    do: fc.constant("pass" as const),
    ms: fc.constantFrom(10, 900, PAIR_WAIT_MS, MAX_JOURNAL_AGE_MS),
  }),
);

/** A shard whose process can end at any moment, and the services it tells. */
class Trial {
  readonly #storage: DurableObjectStorage;
  readonly #sequences: Map<string, number> = new Map();
  readonly observed = new ObservedMap();
  readonly #options: ShardEngineOptions;
  #engine: ShardEngine;
  nowMs = NOW_MS;

  constructor(
    storage: DurableObjectStorage,
    options: ShardEngineOptions = {},
  ) {
    this.#storage = storage;
    this.#options = options;
    for (const table of ["journal", "segment", "chunk", "delta"]) {
      storage.sql.exec(`DELETE FROM ${table}`);
    }
    this.#engine = new ShardEngine(storage, this.#options);
  }

  accept(spans: readonly GeneratedSpan[]): void {
    const bytes = messageOf(spans);
    this.#engine.accept([readMessage(bytes)], this.nowMs);
  }

  tick(): void {
    this.#engine.tick(this.nowMs);
  }

  restart(): void {
    this.#engine = new ShardEngine(this.#storage, this.#options);
  }

  /** Every other service's confirmation gets lost. */
  deliver(): void {
    this.#tell((at) => at % 2 === 0);
  }

  /** Nothing gets lost any more. */
  deliverAll(): void {
    while (this.#engine.services().length > 0) this.#tell(() => true);
  }

  #tell(isHeard: (at: number) => boolean): void {
    this.#engine.services().forEach((serviceId, at) => {
      for (const delta of this.#engine.attempt(serviceId)) {
        const before = this.#sequences.get(serviceId) ?? 0;
        if (delta.sequence <= before) continue;
        this.#sequences.set(serviceId, delta.sequence);
        for (const { encoded } of delta.minutes) {
          this.observed.add(serviceId, decodeWindow(encoded));
        }
      }
      const last = this.#sequences.get(serviceId) ?? 0;
      if (isHeard(at)) this.#engine.confirm(serviceId, last);
    });
  }

  run(steps: readonly Step[], spans: readonly GeneratedSpan[]): void {
    let at = 0;
    for (const step of steps) {
      if (step.do === "pass") this.nowMs += step.ms;
      else if (step.do === "accept") {
        this.accept(spans.slice(at, at + step.spans));
        at += step.spans;
      } else this[step.do]();
    }
    this.accept(spans.slice(at));
    this.nowMs += PAIR_WAIT_MS;
    this.tick();
    this.deliverAll();
  }
}

async function withStorage(
  name: string,
  use: (storage: DurableObjectStorage) => void,
): Promise<void> {
  const stub = env.TRACE_SHARD.getByName(name);
  await runInDurableObject(stub, (_, state) => use(state.storage));
}

test("ShardEngine finds the same map wherever it ticks, is told, dies and starts again", async () => {
  await withStorage("property", (storage) => {
    fc.assert(
      fc.property(
        spansArbitrary(NOW_MS),
        fc.array(step, { maxLength: 30 }),
        fc.constantFrom(1, 600, MAX_JOURNAL_BYTES),
        fc.constantFrom(0, 1, 3, MAX_WAITING_HALVES),
        (spans, steps, maxJournalBytes, maxWaitingHalves) => {
          const options = { maxJournalBytes, maxWaitingHalves };
          const trial = new Trial(storage, options);
          trial.run(steps, spans);
          expect(trial.observed.map()).toEqual(bruteForceMap(spans));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

test("ShardEngine counts spans once that come again after a checkpoint", async () => {
  await withStorage("duplicates", (storage) => {
    fc.assert(
      fc.property(
        spansArbitrary(NOW_MS),
        fc.array(step, { maxLength: 20 }),
        (spans, steps) => {
          const trial = new Trial(storage);
          trial.run(steps, spans);
          trial.nowMs += MAX_JOURNAL_AGE_MS;
          trial.tick();
          trial.nowMs += MAX_JOURNAL_AGE_MS;
          trial.accept([]);
          trial.tick();
          trial.restart();
          trial.accept(spans);
          trial.nowMs += PAIR_WAIT_MS;
          trial.tick();
          trial.deliverAll();
          expect(trial.observed.map()).toEqual(bruteForceMap(spans));
          expect(trial.observed.duplicates()).toBe(spans.length);
        },
      ),
      { numRuns: 100 },
    );
  });
});

test("ShardEngine lets a half wait on through two checkpoints and a restart", async () => {
  await withStorage("waits", (storage) => {
    const [all] = fc.sample(spansArbitrary(NOW_MS), { numRuns: 1, seed: 3 });
    const spans = all ?? [];
    const trial = new Trial(storage, { maxJournalBytes: 1 });
    for (const span of spans) {
      trial.accept([span]);
      trial.tick();
      trial.deliver();
    }
    trial.restart();
    trial.run([], []);
    expect(spans.length).toBeGreaterThan(5);
    expect(trial.observed.map()).toEqual(bruteForceMap(spans));
  });
});

test("ShardEngine leaves no journal and no told deltas behind", async () => {
  await withStorage("clean", (storage) => {
    const trial = new Trial(storage);
    const [spans] = fc.sample(spansArbitrary(NOW_MS), { numRuns: 1, seed: 7 });
    trial.accept(spans ?? []);
    trial.nowMs += MAX_JOURNAL_AGE_MS;
    trial.tick();
    const count = (table: string) =>
      storage.sql.exec(`SELECT count(*) AS rows FROM ${table}`).one()["rows"];
    expect(count("journal")).toBe(0);
    expect(count("segment")).toBe(1);
    const engine = new ShardEngine(storage);
    for (const serviceId of engine.services()) engine.confirm(serviceId, 99);
    expect(count("delta")).toBe(1);
    expect(engine.nextTickMs()).toBe(null);
  });
});

function loneServer(number: number) {
  return plainSpan(NOW_MS, {
    traceId: number.toString().padStart(16, "0"),
    spanId: number.toString().padStart(8, "0"),
    parentId: "00missed",
    kind: 2,
  });
}

test("ShardEngine lets MAX_WAITING_HALVES wait, and the oldest no longer beyond", async () => {
  await withStorage("waiting", (storage) => {
    const engine = new ShardEngine(storage);
    const accept = (from: number, to: number, nowMs: number) => {
      const spans = Array.from(
        { length: to - from },
        (_, at) => ({ span: loneServer(from + at), links: [] }),
      );
      const bytes = messageOf(spans);
      engine.accept([readMessage(bytes)], nowMs);
    };
    accept(0, 10, NOW_MS);
    accept(10, MAX_WAITING_HALVES, NOW_MS + 1);
    expect(engine.status()).toMatchObject({
      waitingHalves: MAX_WAITING_HALVES,
      halvesExpiredEarly: 0,
    });
    accept(MAX_WAITING_HALVES, MAX_WAITING_HALVES + 1, NOW_MS + 2);
    expect(engine.status()).toMatchObject({
      waitingHalves: MAX_WAITING_HALVES - 9,
      halvesExpiredEarly: 10,
    });
    expect(new ShardEngine(storage).status()).toMatchObject({
      waitingHalves: MAX_WAITING_HALVES - 9,
      halvesExpiredEarly: 10,
    });
  });
});

test("ShardEngine ends the same waits early after a restart, in whichever order they are found", async () => {
  await withStorage("early", (storage) => {
    const ids = [3, 2, 1].map((number) => number.toString().padStart(8, "0"));
    const clients = ids.map((id) => ({
      span: plainSpan(NOW_MS, {
        traceId: id + id,
        spanId: id,
        kind: 3,
        peer: `api ${id}`,
      }),
      links: [],
    }));
    const servers = ids.map((id) => ({
      span: plainSpan(NOW_MS, {
        traceId: id + id,
        spanId: "0000beef",
        parentId: id,
        kind: 2,
      }),
      links: [],
    }));
    // The first message makes a checkpoint due, the second does not.
    const trial = new Trial(storage, {
      maxJournalBytes: messageOf(clients.slice(0, 2)).length,
      maxWaitingHalves: 2,
    });
    trial.accept(clients.slice(0, 2));
    trial.tick();
    trial.nowMs++;
    trial.accept(clients.slice(2));
    trial.tick();
    trial.deliverAll();
    trial.restart();
    trial.run([], servers);
    expect(trial.observed.map())
      .toEqual(bruteForceMap([...clients, ...servers]));
  });
});
