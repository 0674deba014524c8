import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Failure, Outcome } from "../../../src/outbox/classify_answer.ts";
import { OutboxEngine } from "../../../src/outbox/outbox_engine.ts";
import { OUTBOX_SCHEMA } from "../../../src/outbox/outbox_schema.ts";
import type { RequestBatch } from "../../../src/outbox/request_batch.ts";
import { applySchemaSteps } from "../../../src/storage/schema_steps.ts";
import { LIMITS, NOW_MS, numberOf, requestOf, TAKEN } from "./outbox_trial.ts";

/** A batch as a server saw it. */
export interface SeenBatch {
  readonly numbers: readonly number[];
  readonly token: string;
  readonly atMs: number;
}

/** The process ended in the middle of something. */
export class KilledError extends Error {}

/**
 * An outbox that gathers, over real storage, and a server that keeps what it
 * took by its token, as ClickHouse does.
 */
export class BatchTrial {
  readonly storage: DurableObjectStorage;
  engine: OutboxEngine;
  nowMs = NOW_MS;
  limits = LIMITS;
  readonly seen: SeenBatch[] = [];
  /** Rows of the server, by number. */
  readonly rows: number[] = [];
  readonly #tokens: Set<string> = new Set();
  /** Before the server takes them, or instead. */
  answer: (batch: SeenBatch) => Outcome = () => TAKEN;
  /** After the server took them; may throw a `KilledError`. */
  afterwards: (batch: SeenBatch) => Outcome | null = () => null;
  /** Which requests are no spans. */
  isReadable: (number: number) => boolean = () => true;

  constructor(storage: DurableObjectStorage) {
    this.storage = storage;
    applySchemaSteps(storage, OUTBOX_SCHEMA);
    this.engine = new OutboxEngine(storage);
  }

  /** A new process over the same disk. */
  restart(): void {
    this.engine = new OutboxEngine(this.storage);
  }

  append(
    numbers: readonly number[],
    { spans = 1, bytes = 0 } = {},
  ): void {
    this.engine.append(
      numbers.map((number) => ({
        request: { ...requestOf(number, bytes), spans },
        refusal: null,
      })),
      { nowMs: this.nowMs, limits: this.limits },
    );
  }

  async run(): Promise<void> {
    await this.engine.run({
      send: (batch) => this.#send(batch),
      gathers: true,
      now: () => this.nowMs,
      random: () => 0.5,
      limits: this.limits,
    });
  }

  /** Runs whenever it wants to, until nothing waits or so much time is over. */
  async settle(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    for (;;) {
      const dueMs = this.engine.nextRunMs(true);
      if (dueMs === null || dueMs > endMs) return;
      this.nowMs = Math.max(this.nowMs, dueMs);
      await this.run();
    }
  }

  #send({ requests, token }: RequestBatch) {
    const numbers = requests.map(numberOf);
    const unreadable = numbers.flatMap((number, at) =>
      this.isReadable(number) ? [] : [{ at, failure: UNREADABLE }]
    );
    const readable = numbers.filter((number) => this.isReadable(number));
    const batch = { numbers: readable, token, atMs: this.nowMs };
    this.seen.push(batch);
    const outcome = this.answer(batch);
    if (outcome.kind === "delivered" && !this.#tokens.has(token)) {
      this.#tokens.add(token);
      this.rows.push(...readable);
    }
    const after = this.afterwards(batch) ?? outcome;
    return Promise.resolve({ outcome: after, unreadable });
  }

  /** Numbers of the dead letters, oldest first. */
  dead(): number[] {
    return this.engine.deadLetters(0, 10_000).map(({ id }) => {
      const request = this.engine.deadLetter(id);
      return request === null ? -1 : numberOf(request);
    });
  }
}

const UNREADABLE: Failure = {
  kind: "never",
  reason: "The stored request cannot be read into rows: it ends too early",
  label: "unreadable",
  status: null,
  retryAfterMs: null,
};

let trials = 0;

/** Gives a test an outbox of its own. */
export async function withBatches(
  use: (trial: BatchTrial) => Promise<void> | void,
): Promise<void> {
  const stub = env.OUTBOX.getByName(`batch/outbox/${++trials}`);
  await runInDurableObject(
    stub,
    (_, state) => use(new BatchTrial(state.storage)),
  );
}
