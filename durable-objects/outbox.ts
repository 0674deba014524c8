import { DurableObject } from "cloudflare:workers";
import type { Bindings } from "../src/bindings.ts";
import { CLICKHOUSE } from "../src/clickhouse/clickhouse_target.ts";
import { insertRequests } from "../src/clickhouse/insert_requests.ts";
import { readWholeSpans } from "../src/clickhouse/span_readers.ts";
import { logFault } from "../src/http/log.ts";
import type { Admission } from "../src/outbox/admit_request.ts";
import {
  type Append,
  OutboxEngine,
  type Replay,
} from "../src/outbox/outbox_engine.ts";
import { OUTBOX_SCHEMA } from "../src/outbox/outbox_schema.ts";
import type { OutboxStatus } from "../src/outbox/outbox_status.ts";
import type { DeadLetter } from "../src/outbox/outbox_store.ts";
import { postJson } from "../src/outbox/post_json.ts";
import { postToTarget } from "../src/outbox/post_to_target.ts";
import {
  type ReceivedRequest,
  storedBytes,
} from "../src/outbox/received_request.ts";
import { type SendBatch, sendSingly } from "../src/outbox/request_batch.ts";
import { isClickHouse } from "../src/outbox/target.ts";
import { readSettings } from "../src/settings.ts";
import { AlarmClock } from "../src/storage/alarm_clock.ts";
import { GroupCommit } from "../src/storage/group_commit.ts";
import { applySchemaSteps } from "../src/storage/schema_steps.ts";

/** Requests that may wait for the write under way; more are refused. */
export const MAX_WAITING_APPENDS = 512;
/** Bytes of them; more are refused. */
export const MAX_WAITING_APPEND_BYTES = 32 * 1024 * 1024;
/** How long an attempt may take, ms. */
export const ATTEMPT_TIMEOUT_MS = 10_000;
/** How long an insert of many requests may take, ms. */
export const INSERT_TIMEOUT_MS = 30_000;
/** When to come again after a fault of our own, ms. */
const FAULT_WAIT_MS = 30_000;
const IDENTITY_KEY = "identity";

/** Whose outbox it is; told with every request, since a name can be missing. */
export interface OutboxIdentity {
  readonly tenant: string;
  /** The target's name. */
  readonly target: string;
}

interface Waiting extends Append {
  admission: Admission | null;
}

/**
 * Holds what a target of a tenant has not taken yet, and sends it until it has.
 * Where to and with which keys is read from the environment each time.
 */
export class Outbox extends DurableObject<Bindings> {
  readonly #alarm: AlarmClock;
  readonly #commit: GroupCommit<Waiting>;
  #engine: OutboxEngine | null = null;
  #identity: OutboxIdentity | null;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    this.#identity = ctx.storage.kv.get<OutboxIdentity>(IDENTITY_KEY) ?? null;
    this.#alarm = new AlarmClock(ctx.storage);
    this.#commit = new GroupCommit({
      write: (waiting) => this.#write(waiting),
      sync: () => ctx.storage.sync(),
      maxWaiting: MAX_WAITING_APPENDS,
      sizeOf: ({ request }) => storedBytes(request),
      maxWaitingBytes: MAX_WAITING_APPEND_BYTES,
    });
    // One that is only asked for its status keeps nothing on disk.
    if (this.#identity !== null) this.#begin();
    void ctx.blockConcurrencyWhile(async () => {
      await this.#alarm.load();
      await this.#wakeInTime();
    });
  }

  #begin(): OutboxEngine {
    applySchemaSteps(this.ctx.storage, OUTBOX_SCHEMA);
    this.#engine = new OutboxEngine(this.ctx.storage);
    return this.#engine;
  }

  /**
   * Stores a request; settles when it is on disk.
   *
   * @throws {OverloadedError} Where it has too much to do: come again later.
   */
  async append(append: Append, identity: OutboxIdentity): Promise<Admission> {
    if (this.#identity === null) {
      this.ctx.storage.kv.put(IDENTITY_KEY, identity);
      this.#identity = identity;
    }
    const waiting: Waiting = { ...append, admission: null };
    await this.#commit.add(waiting);
    return waiting.admission ?? { ok: false, reason: "It was not written" };
  }

  #write(waiting: readonly Waiting[]): void {
    const engine = this.#engine ?? this.#begin();
    const { outbox: limits } = readSettings(this.env);
    const admissions = engine.append(waiting, { nowMs: Date.now(), limits });
    waiting.forEach((one, at) => one.admission = admissions[at] ?? null);
    this.ctx.waitUntil(this.#wakeInTime());
  }

  /** How it is doing; null where it has never held anything. */
  async status(): Promise<OutboxStatus | null> {
    await this.#wakeInTime();
    return this.#engine?.status() ?? null;
  }

  /** Dead letters after one of them (0 for the first), oldest first. */
  deadLetters(afterId: number, limit: number): readonly DeadLetter[] {
    return this.#engine?.deadLetters(afterId, limit) ?? [];
  }

  /** A dead letter as it came; null where there is none of that id. */
  deadLetter(id: number): ReceivedRequest | null {
    return this.#engine?.deadLetter(id) ?? null;
  }

  /** Forgets a dead letter. @returns Whether there was one. */
  deleteDeadLetter(id: number): boolean {
    return this.#engine?.deleteDeadLetter(id) ?? false;
  }

  /** Puts dead letters back into the queue. */
  async replay(ids: readonly number[] | "all"): Promise<Replay> {
    const { outbox: limits } = readSettings(this.env);
    const replay = this.#engine?.replay(ids, { nowMs: Date.now(), limits });
    await this.#wakeInTime();
    return replay ??
      { replayed: 0, unknown: ids === "all" ? [] : ids, refused: 0 };
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    try {
      await this.#run();
      await this.#wakeInTime();
    } catch (error) {
      // An alarm that throws again and again is given up by the platform.
      logFault("outbox_run_failed", error, { ...this.#identity });
      const nowMs = Date.now();
      await this.#alarm.wakeBy(nowMs + FAULT_WAIT_MS, nowMs);
    }
  }

  async #run(): Promise<void> {
    if (this.#engine === null || this.#identity === null) return;
    const { outbox: limits } = readSettings(this.env);
    await this.#engine.run({
      send: this.#send(this.#identity),
      gathers: this.#gathers(),
      now: () => Date.now(),
      random: () => Math.random(),
      limits,
    });
  }

  #send({ tenant, target: name }: OutboxIdentity): SendBatch | null {
    const { targets, jsonTargets, maxInflatedBytes } = readSettings(this.env);
    const timeoutMs = ATTEMPT_TIMEOUT_MS;
    const taker = jsonTargets.find((one) => one.name === name);
    if (taker !== undefined) {
      return sendSingly((request) =>
        postJson(request, { target: taker, timeoutMs })
      );
    }
    const target = targets.find((one) => one.name === name);
    if (target === undefined) return null;
    if (isClickHouse(target)) {
      return (batch) =>
        insertRequests(batch, {
          target,
          tenant,
          readSpans: readWholeSpans,
          maxInflatedBytes,
          timeoutMs: INSERT_TIMEOUT_MS,
        });
    }
    return sendSingly((request) =>
      postToTarget(request, { target, tenant, timeoutMs })
    );
  }

  /** By its name, since settings that cannot be read end no object. */
  #gathers(): boolean {
    return this.#identity?.target === CLICKHOUSE;
  }

  #wakeInTime(): Promise<void> {
    const dueMs = this.#engine?.nextRunMs(this.#gathers()) ?? null;
    return this.#alarm.wakeBy(dueMs, Date.now());
  }
}
