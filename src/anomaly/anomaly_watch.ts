import { closesMs } from "../aggregate/pending_windows.ts";
import type { HistoryOwner } from "../history/history_row.ts";
import { CLOSE_GRACE_S } from "../history/retention.ts";
import { joinParts } from "../history/window_parts.ts";
import { MINUTE_S } from "../history/window_range.ts";
import { logFault } from "../http/log.ts";
import { nodeId } from "../map/node_identity.ts";
import { emptyWindow, type ServiceWindow } from "../map/service_window.ts";
import { decodeWindow } from "../map/service_window_codec.ts";
import type { WindowStore } from "../aggregate/window_store.ts";
import {
  MAX_DETECTOR_BYTES,
  MAX_MINUTES_PER_ALARM,
  MAX_SILENT_MINUTES,
} from "./anomaly_limits.ts";
import type { ChangeBook } from "./change_book.ts";
import { detect } from "./detect.ts";
import { decodeDetector, encodeDetector } from "./detector_codec.ts";
import {
  type DetectorState,
  emptyDetector,
  lastingCount,
} from "./detector_state.ts";

const MS_PER_S = 1000;

/** Where the minutes are, and where what is found goes. */
export interface AnomalyWatchOptions {
  readonly storage: DurableObjectStorage;
  readonly windows: WindowStore;
  readonly changes: ChangeBook;
}

/**
 * Judges the closed minutes of one service, in order, each once: one that is
 * revised later is not judged again, nor is one that comes after a later one.
 * What is known is on disk together with the minute it is known from.
 */
export class AnomalyWatch {
  readonly #storage: DurableObjectStorage;
  readonly #windows: WindowStore;
  readonly #changes: ChangeBook;
  #known: DetectorState | null = null;

  constructor({ storage, windows, changes }: AnomalyWatchOptions) {
    this.#storage = storage;
    this.#windows = windows;
    this.#changes = changes;
  }

  /**
   * Judges what has closed, `MAX_MINUTES_PER_ALARM` minutes at the most.
   * A minute that makes it throw is logged, and left out.
   */
  judge(owner: HistoryOwner, nowMs: number): void {
    const service = nodeId(owner.service);
    for (let left = MAX_MINUTES_PER_ALARM; left > 0; left--) {
      const state = this.#state();
      const minute = this.#next(state, nowMs);
      if (minute === null) return;
      this.#judgeMinute(state, { minute, service });
    }
  }

  /** When there is something to judge, ms since the epoch; null for never. */
  dueMs(): number | null {
    const state = this.#state();
    const first = this.#firstAfter(state.minute);
    const minute = lastingCount(state) > 0 ? state.minute + 1 : first;
    return minute === null
      ? null
      : closesMs({ resolution: MINUTE_S, startS: minute * MINUTE_S });
  }

  #judgeMinute(
    before: DetectorState,
    judged: { readonly minute: number; readonly service: string },
  ): void {
    try {
      const detected = detect(before, this.#window(judged.minute), judged);
      this.#storage.transactionSync(() => {
        this.#save(detected.state);
        this.#changes.note(detected);
      });
      this.#known = detected.state;
    } catch (error) {
      const { minute } = judged;
      logFault("minute_not_judged", error, { minute });
      const state = { ...before, minute };
      this.#save(state);
      this.#known = state;
    }
  }

  /**
   * The next closed minute; null where there is none. Minutes without any
   * request count up to `MAX_SILENT_MINUTES`, where a later one had some, or
   * where something lasts that has to end.
   */
  #next(state: DetectorState, nowMs: number): number | null {
    const lastClosed =
      Math.floor((nowMs / MS_PER_S - CLOSE_GRACE_S) / MINUTE_S) - 1;
    const first = this.#firstAfter(state.minute);
    const isClosed = first !== null && first <= lastClosed;
    if (state.minute < 0) return isClosed ? first : null;
    const silent = state.minute + 1;
    if (isClosed) {
      return first - state.minute - 1 > MAX_SILENT_MINUTES &&
          lastingCount(state) === 0
        ? first
        : silent;
    }
    return lastingCount(state) > 0 && silent <= lastClosed ? silent : null;
  }

  #firstAfter(minute: number): number | null {
    const [row] = this.#storage.sql.exec<{ start_s: number }>(
      `SELECT start_s FROM window WHERE resolution = ? AND start_s >= ?
       ORDER BY start_s LIMIT 1`,
      MINUTE_S,
      (minute + 1) * MINUTE_S,
    ).toArray();
    return row === undefined ? null : row.start_s / MINUTE_S;
  }

  #window(minute: number): ServiceWindow {
    const key = { resolution: MINUTE_S, startS: minute * MINUTE_S } as const;
    const rows = this.#windows.rows(key);
    return rows.length === 0 ? emptyWindow() : decodeWindow(joinParts(rows));
  }

  #state(): DetectorState {
    this.#known ??= this.#load();
    return this.#known;
  }

  #load(): DetectorState {
    const [row] = this.#storage.sql.exec<
      { minute: number; known: ArrayBuffer }
    >("SELECT minute, known FROM detector").toArray();
    if (row === undefined) return emptyDetector();
    try {
      return decodeDetector(new Uint8Array(row.known));
    } catch (error) {
      // Learning anew is better than judging nothing any more.
      logFault("detector_not_read", error);
      return { ...emptyDetector(), minute: row.minute };
    }
  }

  #save(state: DetectorState): void {
    const bytes = encodeDetector(state);
    if (bytes.length > MAX_DETECTOR_BYTES) {
      throw new RangeError(
        `Cannot keep ${bytes.length} bytes of what is known of a service: ` +
          `it may have ${MAX_DETECTOR_BYTES}`,
      );
    }
    this.#storage.sql.exec(
      `INSERT INTO detector (id, minute, known) VALUES (1, ?, ?)
       ON CONFLICT DO UPDATE SET minute = excluded.minute,
         known = excluded.known`,
      state.minute,
      bytes,
    );
  }
}
