import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { Outcome } from "../../../src/outbox/classify_answer.ts";
import type { Refusal } from "../../../src/outbox/dead_letters.ts";
import { OutboxEngine } from "../../../src/outbox/outbox_engine.ts";
import type { OutboxLimits } from "../../../src/outbox/outbox_limits.ts";
import { OUTBOX_SCHEMA } from "../../../src/outbox/outbox_schema.ts";
import { OutboxStore } from "../../../src/outbox/outbox_store.ts";
import type { ReceivedRequest } from "../../../src/outbox/received_request.ts";
import { sendSingly } from "../../../src/outbox/request_batch.ts";
import { applySchemaSteps } from "../../../src/storage/schema_steps.ts";

export const NOW_MS = 1_893_493_830_000;
export const LIMITS: OutboxLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxAgeMs: 24 * 3_600_000,
  whenFull: "refuse",
};
const TABLES = ["item", "body_part", "dead_letter", "state"];

export const TAKEN: Outcome = { kind: "delivered", rejected: 0, message: "" };

/** How a target answers with a status that is no success. */
export function failing(
  kind: Exclude<Outcome["kind"], "delivered">,
  status = 503,
  retryAfterMs: number | null = null,
): Outcome {
  const reason = `The target answered with status ${status}`;
  return { kind, reason, label: String(status), status, retryAfterMs };
}

/** A request that is told by its number, of so many bytes at least. */
export function requestOf(number: number, bytes = 0): ReceivedRequest {
  const body = new Uint8Array(Math.max(bytes, 8)).fill(number % 251);
  new DataView(body.buffer).setFloat64(0, number);
  return { body, contentType: "application/x-protobuf", contentEncoding: null };
}

/** The number of a request. */
export function numberOf({ body }: ReceivedRequest): number {
  return new DataView(body.buffer, body.byteOffset).getFloat64(0);
}

/** Byte for byte; a matcher would take seconds for megabytes. */
function isIntact(request: ReceivedRequest, number: number): boolean {
  const { body, ...rest } = requestOf(number, request.body.length);
  expect(request).toMatchObject(rest);
  return body.every((byte, at) => byte === request.body[at]);
}

/** An outbox over real storage, a target and a clock of the test's own. */
export class OutboxTrial {
  readonly storage: DurableObjectStorage;
  nowMs = NOW_MS;
  limits = LIMITS;
  random = 0.5;
  /** What each attempt sent, and when. */
  readonly attempts: { readonly number: number; readonly atMs: number }[] = [];
  /** What the target took, in order. */
  readonly taken: number[] = [];
  /** How the target answers. */
  answer: (number: number) => Outcome = () => TAKEN;
  /** How long it takes for that, ms. */
  answerMs = 5;
  /** The most requests that were under way at once. */
  mostUnderWay = 0;
  #underWay = 0;
  engine: OutboxEngine;

  constructor(storage: DurableObjectStorage) {
    this.storage = storage;
    applySchemaSteps(storage, OUTBOX_SCHEMA);
    for (const table of TABLES) storage.sql.exec(`DELETE FROM ${table}`);
    this.engine = new OutboxEngine(storage);
  }

  /** A new process over the same disk. */
  restart(storage: DurableObjectStorage = this.storage): void {
    applySchemaSteps(storage, OUTBOX_SCHEMA);
    this.engine = new OutboxEngine(storage);
  }

  /** Appends requests in one write; says of each whether it was taken. */
  append(
    numbers: readonly number[],
    { bytes = 0, refusal = null }: {
      readonly bytes?: number;
      readonly refusal?: Refusal | null;
    } = {},
  ): boolean[] {
    return this.engine.append(
      numbers.map((number) => ({ request: requestOf(number, bytes), refusal })),
      { nowMs: this.nowMs, limits: this.limits },
    ).map(({ ok }) => ok);
  }

  /** What the alarm does. */
  async run({ configured = true } = {}): Promise<void> {
    await this.engine.run({
      send: configured ? sendSingly((request) => this.#send(request)) : null,
      gathers: false,
      now: () => this.nowMs,
      random: () => this.random,
      limits: this.limits,
    });
  }

  /** Runs whenever it wants to, until nothing waits or so much time is over. */
  async settle(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    for (;;) {
      const dueMs = this.engine.nextRunMs(false);
      if (dueMs === null || dueMs > endMs) return;
      this.nowMs = Math.max(this.nowMs, dueMs);
      await this.run();
    }
  }

  async #send(request: ReceivedRequest): Promise<Outcome> {
    const number = numberOf(request);
    expect(isIntact(request, number)).toBe(true);
    this.attempts.push({ number, atMs: this.nowMs });
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.#underWay);
    this.nowMs += this.answerMs;
    await Promise.resolve();
    this.#underWay--;
    const outcome = this.answer(number);
    if (outcome.kind === "delivered") this.taken.push(number);
    return outcome;
  }

  /** Numbers of the dead letters, oldest first. */
  dead(): number[] {
    return this.engine.deadLetters(0, 10_000).map(({ id }) => {
      const request = this.engine.deadLetter(id);
      return request === null ? -1 : numberOf(request);
    });
  }

  /** Numbers of what waits, oldest first. */
  waiting(): number[] {
    const store = new OutboxStore(this.storage.sql);
    const numbers: number[] = [];
    let after = 0;
    for (;;) {
      const item = store.nextAfter(after, Infinity);
      if (item === null) return numbers;
      const request = store.request(item);
      numbers.push(request === null ? -1 : numberOf(request));
      after = item.id;
    }
  }

  /** What the outbox says of itself is what is on its disk. */
  checkSizes(): void {
    const { sql } = this.storage;
    const sizes = (table: string) =>
      sql.exec<{ n: number; bytes: number }>(
        `SELECT count(*) AS n, coalesce(sum(bytes), 0) AS bytes FROM ${table}`,
      ).one();
    const state = this.engine.status();
    expect({ n: state.items, bytes: state.bytes }).toEqual(sizes("item"));
    expect({ n: state.deadLetters, bytes: state.deadLetterBytes })
      .toEqual(sizes("dead_letter"));
    const orphans = sql.exec(
      `SELECT DISTINCT body_id FROM body_part WHERE body_id NOT IN
       (SELECT coalesce(body_id, id) FROM item UNION
        SELECT body_id FROM dead_letter)`,
    ).toArray();
    expect(orphans).toEqual([]);
  }
}

let trials = 0;

/** Gives a test an outbox of its own. */
export async function withOutbox(
  use: (trial: OutboxTrial) => Promise<void> | void,
): Promise<void> {
  const stub = env.OUTBOX.getByName(`engine/outbox/${++trials}`);
  await runInDurableObject(
    stub,
    (_, state) => use(new OutboxTrial(state.storage)),
  );
}
