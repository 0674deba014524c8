import { DurableObject } from "cloudflare:workers";
import { backOffMs } from "../src/aggregate/back_off.ts";
import {
  exportDueMs,
  exportWindow,
  MAX_EXPORT_AGE_S,
  nextMinute,
} from "../src/airdig/export_window.ts";
import type { WrittenMinutes } from "../src/airdig/minute_announcer.ts";
import type { Bindings } from "../src/bindings.ts";
import { MINUTE_S } from "../src/history/window_range.ts";
import { logFault } from "../src/http/log.ts";
import { jsonTarget } from "../src/outbox/json_target.ts";
import { readSettings } from "../src/settings.ts";
import { AlarmClock } from "../src/storage/alarm_clock.ts";

/** Minutes that one alarm exports; the others come with the next. */
export const MAX_MINUTES_PER_EXPORT = 10;

const TENANT_KEY = "tenant";
const MARK_KEY = "mark";
const MS_PER_S = 1000;

/**
 * Gives each closed minute of a tenant's map to AirDig's Engine, in order and
 * once: the mark is the start of the last one that its outbox has.
 */
export class EngineExporter extends DurableObject<Bindings> {
  readonly #alarm: AlarmClock;
  #failures = 0;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    this.#alarm = new AlarmClock(ctx.storage);
    void ctx.blockConcurrencyWhile(() => this.#alarm.load());
  }

  /**
   * Notes that D1 has minutes of one of the services; settles when that is on
   * disk. The very first one is the first that is exported.
   */
  async closed(
    tenant: string,
    { firstS, lastS }: WrittenMinutes,
  ): Promise<void> {
    const { kv } = this.ctx.storage;
    const mark = kv.get<number>(MARK_KEY);
    if (mark === undefined) {
      kv.put(TENANT_KEY, tenant);
      kv.put(MARK_KEY, firstS - MINUTE_S);
    } else if (lastS <= mark) return;
    await this.#alarm.wakeBy(exportDueMs(firstS), Date.now());
    await this.ctx.storage.sync();
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    let dueMs: number | null;
    try {
      dueMs = await this.#export();
      this.#failures = 0;
    } catch (error) {
      // An alarm that throws is tried six times, then never again.
      this.#failures++;
      dueMs = Date.now() + backOffMs(this.#failures);
      logFault("engine_export_failed", error, { attempt: this.#failures });
    }
    await this.#alarm.wakeBy(dueMs, Date.now());
  }

  /** When there is more to export, ms since the epoch; null for nothing. */
  async #export(): Promise<number | null> {
    const { kv } = this.ctx.storage;
    const tenant = kv.get<string>(TENANT_KEY);
    const settings = readSettings(this.env);
    if (
      tenant === undefined || jsonTarget(settings, "engine") === undefined
    ) return null;
    for (let done = 0;; done++) {
      const nowMs = Date.now();
      const afterS = Math.max(
        kv.get<number>(MARK_KEY) ?? 0,
        nowMs / MS_PER_S - MAX_EXPORT_AGE_S,
      );
      const startS = await nextMinute(this.env.DB, tenant, afterS);
      if (startS === null) return null;
      const dueMs = exportDueMs(startS);
      if (dueMs > nowMs || done >= MAX_MINUTES_PER_EXPORT) return dueMs;
      await exportWindow(this.env, startS, {
        tenant,
        settings,
        nowMs,
        waitUntil: (promise) => this.ctx.waitUntil(promise),
      });
      kv.put(MARK_KEY, startS);
    }
  }
}
