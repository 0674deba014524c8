import type { Bindings } from "../bindings.ts";
import type { HistoryOwner, HistoryRow } from "../history/history_row.ts";
import { MINUTE_S } from "../history/window_range.ts";
import { logFault } from "../http/log.ts";
import { DEFAULT_TENANT, engineExporterName } from "../object_names.ts";
import { jsonTarget } from "../outbox/json_target.ts";
import { readSettings } from "../settings.ts";
import { settledWithin } from "../storage/settled_within.ts";

/** How long telling of minutes may hold up what else is to be done, ms. */
export const ANNOUNCE_WAIT_MS = 5000;
/** When it is tried again, ms. */
export const ANNOUNCE_RETRY_MS = 30_000;

/** Minutes that D1 has, from the first to the last. */
export interface WrittenMinutes {
  /** Starts, s since the epoch. */
  readonly firstS: number;
  readonly lastS: number;
}

/**
 * Tells the exporter of the minutes that D1 has; never throws. The Engine
 * knows no tenants: it gets the map of `default`, and nothing is told while
 * ENGINE_URL is not set.
 */
export class MinuteAnnouncer {
  readonly #bindings: Bindings;
  #untold: WrittenMinutes | null = null;
  #dueMs: number | null = null;

  constructor(bindings: Bindings) {
    this.#bindings = bindings;
  }

  /** When to come again since the exporter could not be told, ms; or null. */
  get dueMs(): number | null {
    return this.#dueMs;
  }

  /** Tells of the minutes among rows, and of those it could not tell of. */
  async tell(owner: HistoryOwner, rows: readonly HistoryRow[]): Promise<void> {
    if (owner.tenant !== DEFAULT_TENANT) return;
    this.#untold = together(this.#untold, rows);
    if (this.#untold === null) return;
    try {
      await this.#announce(owner.tenant, this.#untold);
      this.#untold = null;
      this.#dueMs = null;
    } catch (error) {
      this.#dueMs = Date.now() + ANNOUNCE_RETRY_MS;
      logFault("exporter_not_told", error);
    }
  }

  async #announce(tenant: string, minutes: WrittenMinutes): Promise<void> {
    const settings = readSettings(this.#bindings);
    if (jsonTarget(settings, "engine") === undefined) return;
    const name = engineExporterName(tenant);
    const exporter = this.#bindings.ENGINE_EXPORTER.getByName(name);
    const told = exporter.closed(tenant, minutes);
    if (await settledWithin(told, ANNOUNCE_WAIT_MS)) return;
    throw new Error(`The exporter did not answer in ${ANNOUNCE_WAIT_MS} ms`);
  }
}

function together(
  before: WrittenMinutes | null,
  rows: readonly HistoryRow[],
): WrittenMinutes | null {
  const starts = [
    ...(before === null ? [] : [before.firstS, before.lastS]),
    ...rows.filter(({ resolution }) => resolution === MINUTE_S)
      .map(({ startS }) => startS),
  ];
  if (starts.length === 0) return null;
  return { firstS: Math.min(...starts), lastS: Math.max(...starts) };
}
