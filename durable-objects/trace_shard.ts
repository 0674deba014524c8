import { DurableObject } from "cloudflare:workers";
import type { Bindings } from "../src/bindings.ts";
import { encodeDeltaMessage } from "../src/aggregate/delta_message.ts";
import { logFault } from "../src/http/log.ts";
import { ListenLease } from "../src/live/listen_lease.ts";
import { liveHubOf } from "../src/live/live_hub_stub.ts";
import { type LiveChanges, LiveTeller } from "../src/live/live_teller.ts";
import { nodeOfId } from "../src/map/node_identity.ts";
import {
  serviceAggregateName,
  traceShardIndex,
  traceShardName,
} from "../src/object_names.ts";
import { AlarmClock } from "../src/storage/alarm_clock.ts";
import { GroupCommit, OverloadedError } from "../src/storage/group_commit.ts";
import { settledWithin } from "../src/storage/settled_within.ts";
import { applySchemaSteps } from "../src/storage/schema_steps.ts";
import { type Arrival, takenOf } from "../src/trace/arrival.ts";
import { DeliverySchedule } from "../src/trace/delivery_schedule.ts";
import { MAX_UNDELIVERED_BYTES } from "../src/trace/delta_outbox.ts";
import {
  newerLayout,
  newestShards,
  type ShardLayout,
} from "../src/trace/ownership.ts";
import { placeMessage, type PlacingShard } from "../src/trace/place_message.ts";
import type { ShardIdentity, ShardRoute } from "../src/trace/shard_route.ts";
import { ShardEngine } from "../src/trace/shard_engine.ts";
import type {
  StoreSearch,
  StoreSearchResult,
} from "../src/trace_index/search_pages.ts";
import { attributeIndex } from "../src/trace_index/attribute_index.ts";
import { pieceResources } from "../src/trace_index/piece_resources.ts";
import type { RetentionLimits } from "../src/trace_store/retention_limits.ts";
import { TraceStore } from "../src/trace_store/trace_store.ts";
import { readSettings } from "../src/settings.ts";
import { TRACE_SHARD_SCHEMA } from "../src/trace/shard_schema.ts";
import type { TraceShardStatus } from "../src/trace/shard_status.ts";

/** Messages that may wait for the write under way; more are refused. */
export const MAX_WAITING_MESSAGES = 512;
/** Bytes of messages that may wait; more are refused. */
export const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/**
 * Bytes of messages in one write: some 3,000 spans, which are joined in about
 * 0.1 s, and for so long nothing else is answered.
 */
export const MAX_WRITE_BYTES = 256 * 1024;
/** Bytes of messages that may wait for other shards; more are refused. */
export const MAX_PLACED_BYTES = 16 * 1024 * 1024;
/** How long a tick waits for slow services before the next one, ms. */
const DELIVERY_WAIT_MS = 2000;
const IDENTITY_KEY = "identity";
const LAYOUT_KEY = "layout";
const LISTENED_KEY = "live_tenant";

/**
 * Sees each span of its traces once: journals it before the acknowledgement,
 * joins the halves of calls, and tells the services every second.
 */
export class TraceShard extends DurableObject<Bindings> {
  readonly #engine: ShardEngine;
  readonly #traces: TraceStore;
  readonly #commit: GroupCommit<Arrival>;
  readonly #deliveries = new DeliverySchedule();
  #identity: ShardIdentity | null;
  #layout: ShardLayout;
  #placedBytes = 0;
  readonly #alarm: AlarmClock;
  readonly #lease: ListenLease;
  readonly #live: LiveTeller;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    applySchemaSteps(ctx.storage, TRACE_SHARD_SCHEMA);
    this.#identity = ctx.storage.kv.get<ShardIdentity>(IDENTITY_KEY) ?? null;
    this.#layout = ctx.storage.kv.get<ShardLayout>(LAYOUT_KEY) ?? [];
    this.#engine = new ShardEngine(ctx.storage);
    this.#traces = new TraceStore(ctx.storage, {
      resourceIds: pieceResources(),
      attributes: attributeIndex(readSettings(env).indexedAttributes),
    });
    this.#commit = new GroupCommit({
      write: (arrivals) => this.#write(arrivals),
      sync: () => ctx.storage.sync(),
      maxWaiting: MAX_WAITING_MESSAGES,
      sizeOf: ({ message }) => message.length,
      maxWaitingBytes: MAX_WAITING_BYTES,
      maxWriteBytes: MAX_WRITE_BYTES,
    });
    this.#alarm = new AlarmClock(ctx.storage);
    this.#lease = new ListenLease(ctx.storage.kv);
    this.#live = new LiveTeller(this.#lease, {
      nowMs: Date.now(),
      tellHub: (changes) => this.#tellHub(changes),
    });
    void ctx.blockConcurrencyWhile(async () => {
      await this.#alarm.load();
      await this.#wakeInTime();
    });
  }

  /**
   * Takes spans; settles when they are on disk, here or in the shard that owns
   * their traces.
   *
   * @param bytes A message that `TraceMessageWriter` made.
   * @throws {RangeError} Where the bytes are no such message.
   * @throws {OverloadedError} Where it has too much to do: come again later.
   */
  async accept(bytes: Uint8Array, route: ShardRoute): Promise<void> {
    this.#commit.checkRoom(bytes.length);
    if (this.#engine.undeliveredBytes > MAX_UNDELIVERED_BYTES) {
      throw new OverloadedError(
        `Cannot take spans: services have not confirmed ${this.#engine.undeliveredBytes} bytes; send them again later`,
      );
    }
    this.#learn(route);
    // With one epoch nothing waits for others.
    const waits = this.#layout.length > 1 ? bytes.length : 0;
    if (this.#placedBytes + waits > MAX_PLACED_BYTES) {
      throw new OverloadedError(
        `Cannot place more than ${MAX_PLACED_BYTES} bytes at once: ` +
          "send them again later",
      );
    }
    this.#placedBytes += waits;
    try {
      await placeMessage(bytes, this.#asPlacing(route));
    } finally {
      this.#placedBytes -= waits;
    }
  }

  /**
   * Tells which of the traces it knows. From then on it starts none of the
   * others, unless a still newer layout makes it their owner again.
   *
   * @param traceIds Byte strings.
   * @returns Those that it knows.
   */
  known(
    traceIds: readonly string[],
    route: ShardRoute,
  ): Promise<readonly string[]> {
    this.#learn(route);
    // The platform holds the answer back until what was learned is on disk.
    return Promise.resolve([...this.#engine.known(traceIds)]);
  }

  /**
   * Tells the hub what changes until then, ms since the epoch; settles when
   * that is on disk.
   */
  async listen(tenant: string, untilMs: number): Promise<void> {
    this.ctx.storage.kv.put(LISTENED_KEY, tenant);
    this.#lease.extend(untilMs);
    await this.ctx.storage.sync();
  }

  /** How it is doing. */
  async status(): Promise<TraceShardStatus> {
    await this.#wakeInTime();
    return { ...this.#engine.status(), traces: this.#traces.status() };
  }

  /**
   * Traces with all of their spans, as `unpackKeptTraces` reads them; those
   * that are not kept are left out.
   *
   * @param traceIds Byte strings.
   */
  findTraces(traceIds: readonly string[]): Promise<Uint8Array> {
    return this.#traces.find(traceIds);
  }

  /** Kept traces that are asked for, the newest first. */
  searchTraces(search: StoreSearch): Promise<StoreSearchResult> {
    return this.#traces.search(search);
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    this.#orRestart(() => {
      const deltas = this.#engine.tick(Date.now());
      const { traces } = readSettings(this.env);
      if (traces === "tail") this.#traces.shown(deltas);
    });
    await this.#batchTraces();
    const due = this.#deliveries.due(this.#engine.services(), Date.now());
    const deliveries = Promise.all(due.map((id) => this.#deliver(id)));
    // What slow services answer with is told when all have answered.
    this.ctx.waitUntil(deliveries.then(() => this.#tellLive()));
    if (!await settledWithin(deliveries, DELIVERY_WAIT_MS)) {
      this.ctx.waitUntil(this.#tellLive());
    }
    await this.#wakeInTime();
  }

  async #batchTraces(): Promise<void> {
    const nowMs = Date.now();
    const { traces, traceShare } = readSettings(this.env);
    const retention = this.#retention();
    try {
      const dueMs = this.#traces.nextBatchMs(nowMs, retention);
      if (dueMs !== null && dueMs <= nowMs) {
        const share = traces === "tail" ? traceShare : 1;
        await this.#traces.batch(nowMs, { share });
      }
      this.#traces.retain(retention, nowMs);
    } catch (error) {
      this.#restart(error);
    }
  }

  /** Its share of what the tenant keeps. */
  #retention(): RetentionLimits {
    const { ageMs, bytes } = readSettings(this.env).traceRetention;
    return { ageMs, bytes: bytes / Math.max(1, newestShards(this.#layout)) };
  }

  #learn({ tenant, shard, epochs = [] }: ShardRoute): void {
    const { kv } = this.ctx.storage;
    if (this.#identity === null) {
      this.#identity = { tenant, shard };
      kv.put(IDENTITY_KEY, this.#identity);
    }
    const layout = newerLayout(this.#layout, epochs);
    if (layout === this.#layout) return;
    kv.put(LAYOUT_KEY, layout);
    this.#layout = layout;
  }

  #asPlacing({ tenant, shard }: ShardRoute): PlacingShard {
    const number = traceShardIndex(shard);
    const routeTo = (owner: number, epochs: ShardLayout) => {
      const name = traceShardName(tenant, owner);
      const stub = this.env.TRACE_SHARD.getByName(name);
      return { stub, route: { tenant, shard: name, epochs } };
    };
    return {
      shard: number,
      layout: () => this.#layout,
      nowMs: () => Date.now(),
      knows: (traceId) => this.#engine.known([traceId]).has(traceId),
      store: async (message, askedVersion) => {
        const arrival: Arrival = {
          message,
          askedVersion,
          shard: number,
          rest: null,
          fault: null,
        };
        await this.#commit.add(arrival);
        if (arrival.fault !== null) throw arrival.fault;
        return arrival.rest;
      },
      ask: (owner, { traceIds, layout }) => {
        const { stub, route } = routeTo(owner, layout);
        return stub.known(traceIds, route);
      },
      pass: async (owner, { message, layout }) => {
        const { stub, route } = routeTo(owner, layout);
        await stub.accept(message, route);
      },
    };
  }

  #write(arrivals: readonly Arrival[]): void {
    const nowMs = Date.now();
    const taken = takenOf(arrivals, {
      layout: this.#layout,
      nowMs,
      knows: (traceId) => this.#engine.known([traceId]).has(traceId),
    });
    if (taken.length === 0) return;
    this.#orRestart(() => {
      this.#engine.accept(taken, nowMs);
      this.#traces.accept(taken, nowMs);
    });
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
      const message = encodeDeltaMessage({
        tenant,
        service,
        source: shard,
        deltas,
      });
      if (this.#live.isOn(Date.now())) {
        const { sequence, minutes } = await stub.applyLive(message);
        this.#engine.confirm(serviceId, sequence);
        this.#live.note(serviceId, minutes);
      } else {
        this.#engine.confirm(serviceId, await stub.apply(message));
        // The first listener came meanwhile, and may have read before this.
        if (this.#live.isOn(Date.now())) this.#live.missed();
      }
      this.#deliveries.succeeded(serviceId);
    } catch (error) {
      this.#deliveries.failed(serviceId, Date.now());
      logFault("delta_not_delivered", error, { service: serviceId });
    }
  }

  async #tellLive(): Promise<void> {
    await this.#live.tell(Date.now());
    await this.#wakeInTime();
  }

  #tellHub(changes: LiveChanges): Promise<boolean> {
    const tenant = this.ctx.storage.kv.get<string>(LISTENED_KEY) ?? "";
    return Promise.resolve(liveHubOf(this.env, tenant).changed(changes));
  }

  /** What is in memory follows from the disk: in doubt, it is read anew. */
  #orRestart(change: () => void): void {
    try {
      change();
    } catch (error) {
      this.#restart(error);
    }
  }

  #restart(error: unknown): never {
    logFault("trace_shard_restarts", error);
    this.ctx.abort("The state in memory may differ from the disk");
    throw error;
  }

  #wakeInTime(): Promise<void> {
    const nowMs = Date.now();
    const retention = this.#retention();
    const times = [
      this.#engine.nextTickMs(),
      this.#traces.nextBatchMs(nowMs, retention),
      this.#traces.nextRetentionMs(retention),
      this.#live.dueMs(nowMs),
    ].filter((ms) => ms !== null);
    const next = times.length === 0 ? null : Math.min(...times);
    return this.#alarm.wakeBy(next, nowMs);
  }
}
