import { DurableObject } from "cloudflare:workers";
import { MinuteAnnouncer } from "../src/airdig/minute_announcer.ts";
import { AGGREGATE_SCHEMA } from "../src/aggregate/aggregate_schema.ts";
import { AggregateState } from "../src/aggregate/aggregate_state.ts";
import { backOffMs } from "../src/aggregate/back_off.ts";
import type { HistorySnapshot } from "../src/aggregate/history_snapshot.ts";
import type { LivePage, LiveRequest } from "../src/aggregate/live_window.ts";
import {
  readSourceDeltas,
  type SourceDeltas,
} from "../src/aggregate/source_deltas.ts";
import { AnomalyWatch } from "../src/anomaly/anomaly_watch.ts";
import { ChangeBook } from "../src/anomaly/change_book.ts";
import { tellChanges } from "../src/anomaly/tell_changes.ts";
import { WindowStore } from "../src/aggregate/window_store.ts";
import type { Bindings } from "../src/bindings.ts";
import type { WindowKey } from "../src/history/window_range.ts";
import { purgeHistory, writeHistory } from "../src/history/write_history.ts";
import { logFault } from "../src/http/log.ts";
import { LEASE_MS } from "../src/live/live_limits.ts";
import type { AppliedDeltas } from "../src/live/live_minute.ts";
import { minutesOnMap } from "../src/live/minutes_on_map.ts";
import type { TotalsPage } from "../src/service_metrics/totals_page.ts";
import { readSettings } from "../src/settings.ts";
import { AlarmClock } from "../src/storage/alarm_clock.ts";
import { GroupCommit } from "../src/storage/group_commit.ts";
import { applySchemaSteps } from "../src/storage/schema_steps.ts";
import { settledWithin } from "../src/storage/settled_within.ts";

/** Messages that may wait for the write under way. */
export const MAX_WAITING_MESSAGES = 256;
/** Bytes of messages that may wait for it. */
export const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** How long revisions of what D1 has are gathered, ms. */
export const REVISION_DELAY_MS = 20_000;
/** How long what follows from anomalies may hold up an alarm, ms. */
export const TELL_WAIT_MS = 30_000;

/** A message that was read. */
interface ReceivedDeltas {
  readonly deltas: SourceDeltas;
  readonly bytes: number;
}

/**
 * Owns all windows of one service: adds up what the trace shards send, and
 * writes each window to D1 as a whole once it has ended.
 */
export class ServiceAggregate extends DurableObject<Bindings> {
  readonly #state: AggregateState;
  readonly #commit: GroupCommit<ReceivedDeltas>;
  readonly #alarm: AlarmClock;
  readonly #changes: ChangeBook;
  readonly #watch: AnomalyWatch;
  readonly #announcer: MinuteAnnouncer;
  #failures = 0;
  #retryMs = 0;
  #tellFailures = 0;
  #tellRetryMs = 0;
  /** As far as known, somebody listens until then, ms since the epoch. */
  #heardUntilMs = 0;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    applySchemaSteps(ctx.storage, AGGREGATE_SCHEMA);
    const { graphBounds } = readSettings(env);
    this.#state = new AggregateState(ctx.storage, graphBounds);
    this.#commit = new GroupCommit({
      write: (messages) =>
        this.#state.apply(messages.map(({ deltas }) => deltas), Date.now()),
      sync: () => this.#sync(),
      maxWaiting: MAX_WAITING_MESSAGES,
      sizeOf: ({ bytes }) => bytes,
      maxWaitingBytes: MAX_WAITING_BYTES,
    });
    this.#alarm = new AlarmClock(ctx.storage);
    this.#announcer = new MinuteAnnouncer(env);
    this.#changes = new ChangeBook(ctx.storage.sql);
    this.#watch = new AnomalyWatch({
      storage: ctx.storage,
      windows: new WindowStore(ctx.storage.sql),
      changes: this.#changes,
    });
    void ctx.blockConcurrencyWhile(async () => {
      await this.#alarm.load();
      await this.#arm(Date.now());
    });
  }

  /**
   * Counts the deltas of a trace shard, each once however often it is sent. A
   * shard must not send a delta before the one before it was confirmed or is
   * sent along.
   *
   * @param message What `encodeDeltaMessage` made.
   * @returns The last sequence number of this source that is on disk.
   * @throws {RangeError} Where the message cannot be read.
   * @throws {TypeError} Where it is for another service.
   * @throws {OverloadedError} Where too much waits already.
   */
  async apply(message: Uint8Array): Promise<number> {
    const deltas = await this.#apply(message);
    return this.#state.lastSequence(deltas.source);
  }

  /**
   * Does as `apply` does, and answers with what that has changed of the map of
   * now. To be asked while somebody listens.
   */
  async applyLive(message: Uint8Array): Promise<AppliedDeltas> {
    const deltas = await this.#apply(message);
    const nowMs = Date.now();
    this.#heardUntilMs = nowMs + LEASE_MS;
    return {
      sequence: this.#state.lastSequence(deltas.source),
      minutes: this.#state.minutes(minutesOnMap(deltas, nowMs)),
    };
  }

  async #apply(message: Uint8Array): Promise<SourceDeltas> {
    this.#commit.checkRoom(message.length);
    const deltas = readSourceDeltas(message);
    this.#state.claim(deltas.owner);
    await this.#commit.add({ deltas, bytes: message.length });
    return deltas;
  }

  /**
   * The windows in the ranges that are not, as they are now, in D1: those of
   * the running minutes, and what was revised or could not be written.
   * Whoever reads D1 after this call misses nothing.
   */
  read(request: LiveRequest): LivePage {
    return this.#state.read(request);
  }

  /**
   * What the service did since it began, as counters that never fall.
   *
   * @param after How many series the pages before had.
   */
  totals(after: number): TotalsPage {
    return this.#state.totals(after, Date.now());
  }

  /** Writes closed windows to D1, deletes expired ones, finds anomalies. */
  override async alarm(): Promise<void> {
    this.#alarm.rang();
    try {
      await this.#writeHistory();
      this.#failures = 0;
      this.#retryMs = 0;
    } catch (error) {
      // An alarm that throws is tried six times, then never again.
      this.#failures++;
      this.#retryMs = Date.now() + backOffMs(this.#failures);
      logFault("history_write_failed", error, { attempt: this.#failures });
    }
    await this.#findAnomalies();
    await this.#arm(Date.now() + REVISION_DELAY_MS);
  }

  /** Whatever goes wrong here, the windows are written. */
  async #findAnomalies(): Promise<void> {
    const owner = this.#state.owner();
    if (owner === null) return;
    const nowMs = Date.now();
    try {
      this.#watch.judge(owner, nowMs);
      const telling = tellChanges(this.env, {
        changes: this.#changes,
        tenant: owner.tenant,
        nowMs,
        isHeard: nowMs < this.#heardUntilMs,
      });
      if (!(await settledWithin(telling, TELL_WAIT_MS))) {
        throw new Error(`Cannot tell of anomalies within ${TELL_WAIT_MS} ms`);
      }
      this.#tellFailures = 0;
      this.#tellRetryMs = 0;
    } catch (error) {
      this.#tellFailures++;
      this.#tellRetryMs = Date.now() + backOffMs(this.#tellFailures);
      const attempt = this.#tellFailures;
      logFault("anomalies_not_told", error, { attempt });
    }
  }

  async #writeHistory(): Promise<void> {
    const owner = this.#state.owner();
    if (owner === null) return;
    const nowMs = Date.now();
    this.#state.expire(nowMs);
    if (this.#announcer.dueMs !== null) await this.#announcer.tell(owner, []);
    // Each window once: one that is revised meanwhile waits for the next alarm.
    let after: WindowKey | null = null;
    for (;;) {
      const snapshot: HistorySnapshot | null = this.#state.snapshot({
        closedByMs: nowMs,
        after,
      });
      if (snapshot === null) break;
      await writeHistory(this.env.DB, owner, snapshot);
      // If all ends here, the minutes are written again, and told of again.
      await this.#announcer.tell(owner, snapshot.rows);
      this.#state.confirm(snapshot);
      after = snapshot.last;
    }
    const purges = this.#state.purges(nowMs);
    if (purges.length > 0) {
      await purgeHistory(this.env.DB, owner, purges);
      this.#state.confirmPurges(purges);
    }
  }

  // No I/O between the write and the alarm: they are on disk together.
  async #sync(): Promise<void> {
    await this.#arm(Date.now() + REVISION_DELAY_MS);
    await this.ctx.storage.sync();
  }

  /** Has the alarm come when it is due, but not before `earliestMs`. */
  async #arm(earliestMs: number): Promise<void> {
    const dues: readonly (readonly [number | null, number])[] = [
      [this.#state.dueMs(), this.#retryMs],
      [this.#watch.dueMs(), 0],
      [this.#announcer.dueMs, 0],
      [this.#changes.waits ? earliestMs : null, this.#tellRetryMs],
    ];
    for (const [dueMs, retryMs] of dues) {
      if (dueMs === null) continue;
      const atMs = Math.max(dueMs, earliestMs, retryMs);
      await this.#alarm.wakeBy(atMs, Date.now());
    }
  }
}
