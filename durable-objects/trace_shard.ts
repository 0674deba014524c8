import { DurableObject } from "cloudflare:workers";
import type { Bindings } from "../src/bindings.ts";
import { encodeDeltaMessage } from "../src/aggregate/delta_message.ts";
import { logFault } from "../src/http/log.ts";
import { nodeOfId } from "../src/map/node_identity.ts";
import { serviceAggregateName } from "../src/object_names.ts";
import { AlarmClock } from "../src/storage/alarm_clock.ts";
import { GroupCommit, OverloadedError } from "../src/storage/group_commit.ts";
import { settledWithin } from "../src/storage/settled_within.ts";
import { applySchemaSteps } from "../src/storage/schema_steps.ts";
import { DeliverySchedule } from "../src/trace/delivery_schedule.ts";
import { MAX_UNDELIVERED_BYTES } from "../src/trace/delta_outbox.ts";
import { type ReadMessage, ShardEngine } from "../src/trace/shard_engine.ts";
import { decodeTraceMessage } from "../src/trace/trace_message.ts";
import { TRACE_SHARD_SCHEMA } from "../src/trace/shard_schema.ts";
import type { TraceShardStatus } from "../src/trace/shard_status.ts";

/** Messages that may wait for the write under way; more are refused. */
export const MAX_WAITING_MESSAGES = 512;
/** Bytes of messages that may wait; more are refused. */
export const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/** How long a tick waits for slow services before the next one, ms. */
const DELIVERY_WAIT_MS = 2000;
const IDENTITY_KEY = "identity";

/** Whose shard it is; told with every message, since a name can be missing. */
export interface ShardIdentity {
  readonly tenant: string;
  /** Its name, under which the services count its deltas. */
  readonly shard: string;
}

/**
 * Sees each span of its traces once: journals it before the acknowledgement,
 * joins the halves of calls, and tells the services every second.
 */
export class TraceShard extends DurableObject<Bindings> {
  readonly #engine: ShardEngine;
  readonly #commit: GroupCommit<ReadMessage>;
  readonly #deliveries = new DeliverySchedule();
  #identity: ShardIdentity | null;
  readonly #alarm: AlarmClock;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    applySchemaSteps(ctx.storage, TRACE_SHARD_SCHEMA);
    this.#identity = ctx.storage.kv.get<ShardIdentity>(IDENTITY_KEY) ?? null;
    this.#engine = new ShardEngine(ctx.storage);
    this.#commit = new GroupCommit({
      write: (messages) => this.#write(messages),
      sync: () => ctx.storage.sync(),
      maxWaiting: MAX_WAITING_MESSAGES,
      sizeOf: ({ bytes }) => bytes.length,
      maxWaitingBytes: MAX_WAITING_BYTES,
    });
    this.#alarm = new AlarmClock(ctx.storage);
    void ctx.blockConcurrencyWhile(async () => {
      await this.#alarm.load();
      await this.#wakeInTime();
    });
  }

  /**
   * Takes spans; settles when they are on disk.
   *
   * @param bytes A message that `TraceMessageWriter` made.
   * @throws {RangeError} Where the bytes are no such message.
   * @throws {OverloadedError} Where it has too much to do: come again later.
   */
  async accept(bytes: Uint8Array, identity: ShardIdentity): Promise<void> {
    this.#commit.checkRoom(bytes.length);
    if (this.#engine.undeliveredBytes > MAX_UNDELIVERED_BYTES) {
      throw new OverloadedError(
        `Cannot take spans: services have not confirmed ${this.#engine.undeliveredBytes} bytes; send them again later`,
      );
    }
    const message = decodeTraceMessage(bytes);
    if (this.#identity === null) {
      this.ctx.storage.kv.put(IDENTITY_KEY, identity);
      this.#identity = identity;
    }
    await this.#commit.add({ bytes, message });
  }

  /** How it is doing. */
  async status(): Promise<TraceShardStatus> {
    await this.#wakeInTime();
    return this.#engine.status();
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    this.#orRestart(() => this.#engine.tick(Date.now()));
    const due = this.#deliveries.due(this.#engine.services(), Date.now());
    const deliveries = Promise.all(due.map((id) => this.#deliver(id)));
    await settledWithin(deliveries, DELIVERY_WAIT_MS);
    await this.#wakeInTime();
  }

  #write(messages: readonly ReadMessage[]): void {
    this.#orRestart(() => this.#engine.accept(messages, Date.now()));
    this.ctx.waitUntil(this.#wakeInTime());
  }

  async #deliver(serviceId: string): Promise<void> {
    const { env } = this;
    if (this.#identity === null) return;
    const { tenant, shard } = this.#identity;
    const service = nodeOfId(serviceId);
    this.#deliveries.began(serviceId);
    try {
      const name = serviceAggregateName(tenant, service);
      const stub = env.SERVICE_AGGREGATE.getByName(name);
      const deltas = this.#engine.attempt(serviceId);
      const sequence = await stub.apply(
        encodeDeltaMessage({ tenant, service, source: shard, deltas }),
      );
      this.#engine.confirm(serviceId, sequence);
      this.#deliveries.succeeded(serviceId);
    } catch (error) {
      this.#deliveries.failed(serviceId, Date.now());
      logFault("delta_not_delivered", error, { service: serviceId });
    }
  }

  /** What is in memory follows from the disk: in doubt, it is read anew. */
  #orRestart(change: () => void): void {
    try {
      change();
    } catch (error) {
      logFault("trace_shard_restarts", error);
      this.ctx.abort("The state in memory may differ from the disk");
      throw error;
    }
  }

  #wakeInTime(): Promise<void> {
    return this.#alarm.wakeBy(this.#engine.nextTickMs(), Date.now());
  }
}
