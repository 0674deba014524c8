import { DurableObject } from "cloudflare:workers";
import type { Bindings } from "../src/bindings.ts";
import { DEFAULT_WINDOW_MINUTES } from "../src/correlation_report/correlation_parameters.ts";
import {
  DUE_REPORTS_SCHEMA,
  DueReports,
  type WatchedChange,
} from "../src/correlation_report/due_reports.ts";
import { makeDriftReport } from "../src/correlation_report/make_drift_report.ts";
import { writeReport } from "../src/correlation_report/report_store.ts";
import { readDrift } from "../src/drift/drift_store.ts";
import { logFault } from "../src/http/log.ts";
import { readSettings } from "../src/settings.ts";
import { AlarmClock } from "../src/storage/alarm_clock.ts";
import { applySchemaSteps } from "../src/storage/schema_steps.ts";

const TENANT_KEY = "tenant";

/**
 * Makes the report of each change of a tenant by itself, once the window after
 * the change has closed: one a run, so that no run takes long.
 */
export class Correlator extends DurableObject<Bindings> {
  readonly #due: DueReports;
  readonly #alarm: AlarmClock;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    applySchemaSteps(ctx.storage, DUE_REPORTS_SCHEMA);
    this.#due = new DueReports(ctx.storage.sql);
    this.#alarm = new AlarmClock(ctx.storage);
    void ctx.blockConcurrencyWhile(async () => {
      await this.#alarm.load();
      await this.#wakeInTime();
    });
  }

  /** Has a report made of each change in time; settles when that is on disk. */
  async watch(
    tenant: string,
    changes: readonly WatchedChange[],
  ): Promise<void> {
    this.ctx.storage.kv.put(TENANT_KEY, tenant);
    this.#due.watch(changes, Date.now());
    await this.#wakeInTime();
    await this.ctx.storage.sync();
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    const id = this.#due.next(Date.now());
    if (id !== null) {
      try {
        await this.#report(id);
        this.#due.done(id);
      } catch (error) {
        // An alarm that throws is tried six times, then never again.
        const again = this.#due.putOff(id, Date.now());
        logFault("report_failed", error, { drift: id, again: String(again) });
      }
    }
    await this.#wakeInTime();
  }

  async #report(id: string): Promise<void> {
    const tenant = this.ctx.storage.kv.get<string>(TENANT_KEY);
    if (tenant === undefined) return;
    const drift = await readDrift(this.env.DB, tenant, id);
    if (drift === null) return;
    const report = await makeDriftReport(this.env, drift, {
      tenant,
      settings: readSettings(this.env),
      nowMs: Date.now(),
      windowMinutes: DEFAULT_WINDOW_MINUTES,
      waitUntil: (promise) => this.ctx.waitUntil(promise),
    });
    await writeReport(this.env.DB, tenant, report);
  }

  #wakeInTime(): Promise<void> {
    return this.#alarm.wakeBy(this.#due.dueMs(), Date.now());
  }
}
