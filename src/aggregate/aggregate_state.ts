import type { HistoryOwner } from "../history/history_row.ts";
import { FUTURE_LIMIT_S, LATE_LIMIT_S } from "../history/retention.ts";
import { DAY_S, floorTo, HOUR_S, MINUTE_S } from "../history/window_range.ts";
import type { Purge } from "../history/write_history.ts";
import { joinParts } from "../history/window_parts.ts";
import type { LiveMinute } from "../live/live_minute.ts";
import { nodeId, nodeOfId } from "../map/node_identity.ts";
import {
  emptyWindow,
  type ServiceWindow,
  type SpanCounters,
} from "../map/service_window.ts";
import { expireWindows } from "./expire_windows.ts";
import { HistoryExtent } from "./history_extent.ts";
import {
  type HistorySnapshot,
  type SnapshotRange,
  takeSnapshot,
} from "./history_snapshot.ts";
import type { LivePage, LiveRequest } from "./live_window.ts";
import { PendingWindows } from "./pending_windows.ts";
import { readLive } from "./read_live.ts";
import { DEFAULT_GRAPH_BOUNDS } from "../service_metrics/bucket_bounds.ts";
import { takesBack } from "../service_metrics/takes_back.ts";
import type { TotalsPage } from "../service_metrics/totals_page.ts";
import { SourceBook } from "./source_book.ts";
import type { SourceDeltas } from "./source_deltas.ts";
import { TotalsStore } from "./totals_store.ts";
import { WindowStore } from "./window_store.ts";

const MS_PER_S = 1000;

/**
 * All that the object of one service knows, on its disk: windows, which of
 * them D1 lacks, and up to where each trace shard has been counted. Without
 * clock and without D1: both are the object's.
 */
export class AggregateState {
  readonly #storage: DurableObjectStorage;
  readonly #windows: WindowStore;
  readonly #pending: PendingWindows;
  readonly #extent: HistoryExtent;
  readonly #sources: SourceBook;
  readonly #totals: TotalsStore;

  /**
   * The tables of `AGGREGATE_SCHEMA` have to exist.
   *
   * @param graphBounds Of the histograms of edges in `/metrics`, s.
   */
  constructor(
    storage: DurableObjectStorage,
    graphBounds: readonly number[] = DEFAULT_GRAPH_BOUNDS,
  ) {
    this.#storage = storage;
    this.#windows = new WindowStore(storage.sql);
    this.#pending = new PendingWindows(storage.sql);
    this.#extent = new HistoryExtent(storage.sql);
    this.#sources = new SourceBook(storage.sql);
    this.#totals = new TotalsStore(storage.sql, {
      windows: this.#windows,
      bounds: graphBounds,
    });
  }

  /** Whose windows these are; null before the first delta. */
  owner(): HistoryOwner | null {
    const [row] = this.#storage.sql.exec<{ tenant: string; service: string }>(
      "SELECT tenant, service FROM owner",
    ).toArray();
    return row === undefined
      ? null
      : { tenant: row.tenant, service: nodeOfId(row.service) };
  }

  /**
   * Takes a service and its tenant for the owner, once.
   *
   * @throws {TypeError} Where the object belongs to another service.
   */
  claim(owner: HistoryOwner): void {
    const known = this.owner();
    if (known === null) {
      this.#storage.sql.exec(
        "INSERT INTO owner (id, tenant, service) VALUES (1, ?, ?)",
        owner.tenant,
        nodeId(owner.service),
      );
      return;
    }
    if (
      known.tenant === owner.tenant &&
      nodeId(known.service) === nodeId(owner.service)
    ) return;
    throw new TypeError(
      `Cannot count "${nodeId(owner.service)}" of "${owner.tenant}" ` +
        `in the object of "${nodeId(known.service)}" of "${known.tenant}"`,
    );
  }

  /** Up to which sequence number a source has been counted, 0 for a new one. */
  lastSequence(source: string): number {
    return this.#sources.last(source);
  }

  /** Counts what has not been counted yet, in one transaction. */
  apply(messages: readonly SourceDeltas[], nowMs: number): void {
    this.#transaction(() => {
      this.#totals.begin(messages.some(isCorrection), nowMs / MS_PER_S);
      for (const message of messages) this.#applyMessage(message, nowMs);
      this.#windows.save(nowMs);
      this.#totals.finish(nowMs / MS_PER_S);
    });
  }

  #applyMessage(message: SourceDeltas, nowMs: number): void {
    const last = this.#sources.last(message.source);
    const fresh = message.deltas.filter(({ sequence }) => sequence > last);
    for (const { sequence, minutes } of fresh) {
      for (const { startS, window } of minutes) {
        this.#add(startS, window, nowMs);
      }
      this.#sources.note(message.source, sequence, nowMs);
    }
  }

  #add(startS: number, window: ServiceWindow, nowMs: number): void {
    const nowS = nowMs / MS_PER_S;
    if (startS < nowS - LATE_LIMIT_S) {
      this.#refuse("tooLate", window, nowMs);
    } else if (startS > nowS + FUTURE_LIMIT_S) {
      this.#refuse("skewed", window, nowMs);
    } else this.#addMinute(startS, window, nowMs);
  }

  #refuse(
    reason: keyof SpanCounters,
    { counters }: ServiceWindow,
    nowMs: number,
  ): void {
    if (counters.spans <= 0) return;
    const refused = emptyWindow();
    refused.counters[reason] = counters.spans;
    this.#addMinute(floorTo(nowMs / MS_PER_S, MINUTE_S), refused, nowMs);
  }

  // An hour or a day that is not made yet will be made of its parts; one that
  // is made gets the same addition.
  #addMinute(startS: number, window: ServiceWindow, nowMs: number): void {
    this.#totals.touch(startS);
    for (const resolution of [MINUTE_S, HOUR_S, DAY_S] as const) {
      const key = { resolution, startS: floorTo(startS, resolution) };
      if (resolution === MINUTE_S || this.#windows.has(key)) {
        this.#windows.merge(key, window, nowMs);
      }
      this.#pending.add(key);
    }
  }

  /** What D1 does not have, as it is now. */
  read(request: LiveRequest): LivePage {
    return readLive(this.#windows, this.#pending.all(), request);
  }

  /**
   * Minutes as they are now; those that do not exist are left out.
   *
   * @param starts s since the epoch.
   */
  minutes(starts: Iterable<number>): LiveMinute[] {
    return [...starts].flatMap((startS) => {
      const rows = this.#windows.rows({ resolution: MINUTE_S, startS });
      const [first] = rows;
      if (first === undefined) return [];
      const { summary } = joinParts(rows);
      return [{ startS, revision: first.revision, summary }];
    });
  }

  /**
   * What the service did since it began, as counters.
   *
   * @param after How many series the pages before had.
   */
  totals(after: number, nowMs: number): TotalsPage {
    return this.#transaction(() => this.#totals.page(after, nowMs / MS_PER_S));
  }

  /** The next windows to write to D1; null where there are none. */
  snapshot(range: SnapshotRange): HistorySnapshot | null {
    return this.#transaction(() =>
      takeSnapshot({
        windows: this.#windows,
        pending: this.#pending,
        extent: this.#extent,
      }, range)
    );
  }

  /** Notes that D1 has a snapshot; what changed meanwhile stays pending. */
  confirm(snapshot: HistorySnapshot): void {
    this.#transaction(() => {
      for (const row of snapshot.rows) {
        if (row.part > 0) continue;
        if (this.#windows.revision(row) !== row.revision) continue;
        this.#pending.remove(row);
      }
    });
  }

  /** What is to be deleted from D1. */
  purges(nowMs: number): Purge[] {
    return this.#extent.purges(nowMs / MS_PER_S);
  }

  /** Notes that it has been deleted. */
  confirmPurges(purges: readonly Purge[]): void {
    for (const purge of purges) this.#extent.remove(purge);
  }

  /** Forgets what can neither change nor be missed. */
  expire(nowMs: number): void {
    this.#transaction(() => {
      const nowS = nowMs / MS_PER_S;
      // What is folded late is folded before it goes.
      this.#totals.fold(nowS);
      this.#pending.expire(nowS);
      this.#sources.expire(nowMs);
      if (expireWindows(this.#storage.sql, nowS)) this.#windows.forget();
    });
  }

  /** When D1 is to be written to, ms since the epoch; null for never. */
  dueMs(): number | null {
    const times = [
      this.#pending.firstClosesMs(),
      this.#extent.firstExpiresMs(),
    ].filter((ms) => ms !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  // What is in memory goes with a transaction that is rolled back.
  #transaction<Result>(run: () => Result): Result {
    try {
      return this.#storage.transactionSync(run);
    } catch (error) {
      this.#windows.forget();
      this.#totals.forget();
      throw error;
    }
  }
}

function isCorrection({ deltas }: SourceDeltas): boolean {
  return deltas.some(({ minutes }) =>
    minutes.some(({ window }) => takesBack(window))
  );
}
