import { DurableObject } from "cloudflare:workers";
import { ALERT_TYPES, MAX_DUE_ALERTS } from "../src/alerts/alert.ts";
import { type AnomalyChange, tellAnomaly } from "../src/alerts/tell_anomaly.ts";
import type { Bindings } from "../src/bindings.ts";
import { DEFAULT_WINDOW_MINUTES } from "../src/correlation_report/correlation_parameters.ts";
import {
  DUE_ALERTS,
  DUE_REPORTS,
  DUE_SCHEMA,
  DueQueue,
  type DueWork,
} from "../src/correlation_report/due_queue.ts";
import {
  dueReports,
  MAX_DUE_REPORTS,
  type WatchedChange,
} from "../src/correlation_report/due_reports.ts";
import { makeDriftReport } from "../src/correlation_report/make_drift_report.ts";
import { writeReport } from "../src/correlation_report/report_store.ts";
import { readDrift } from "../src/drift/drift_store.ts";
import { logFault } from "../src/http/log.ts";
import { ListenLease } from "../src/live/listen_lease.ts";
import { tellOfAnomaly } from "../src/live/tell_news.ts";
import { readSettings } from "../src/settings.ts";
import { AlarmClock } from "../src/storage/alarm_clock.ts";
import { applySchemaSteps } from "../src/storage/schema_steps.ts";

const TENANT_KEY = "tenant";

/**
 * Makes the report of each change of a tenant by itself, once the window after
 * the change has closed, and explains each anomaly before it tells of it: one
 * of each a run, so that no run takes long.
 */
export class Correlator extends DurableObject<Bindings> {
  readonly #reports: DueQueue;
  readonly #alerts: DueQueue;
  readonly #alarm: AlarmClock;
  readonly #lease: ListenLease;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    applySchemaSteps(ctx.storage, DUE_SCHEMA);
    const { sql } = ctx.storage;
    this.#reports = new DueQueue(sql, {
      table: DUE_REPORTS,
      most: MAX_DUE_REPORTS,
    });
    this.#alerts = new DueQueue(sql, {
      table: DUE_ALERTS,
      most: MAX_DUE_ALERTS,
    });
    this.#alarm = new AlarmClock(ctx.storage);
    this.#lease = new ListenLease(ctx.storage.kv);
    void ctx.blockConcurrencyWhile(async () => {
      await this.#alarm.load();
      await this.#wakeInTime();
    });
  }

  /** Tells the hub of anomalies until then, ms since the epoch. */
  async listen(tenant: string, untilMs: number): Promise<void> {
    this.ctx.storage.kv.put(TENANT_KEY, tenant);
    this.#lease.extend(untilMs);
    await this.ctx.storage.sync();
  }

  /**
   * Has a report made of each change in time; settles when that is on disk.
   *
   * @returns Whether somebody listens to what changes.
   */
  async watch(
    tenant: string,
    changes: readonly WatchedChange[],
  ): Promise<boolean> {
    this.ctx.storage.kv.put(TENANT_KEY, tenant);
    this.#reports.add(dueReports(changes, Date.now()));
    await this.#wakeInTime();
    await this.ctx.storage.sync();
    return this.#lease.isOn(Date.now());
  }

  /** Has people told of anomalies; settles when that is on disk. */
  async tell(
    tenant: string,
    changes: readonly AnomalyChange[],
  ): Promise<void> {
    this.ctx.storage.kv.put(TENANT_KEY, tenant);
    const nowMs = Date.now();
    // In their order: what has ended was raised before.
    this.#alerts.add(changes.map(({ id, type }, at) => ({
      id: `${type}/${id}`,
      dueMs: nowMs + at,
    })));
    await this.#wakeInTime();
    await this.ctx.storage.sync();
    const ids = new Set(changes.map(({ id }) => id));
    for (const id of ids) this.ctx.waitUntil(this.#tellListeners(id));
  }

  override async alarm(): Promise<void> {
    this.#alarm.rang();
    await this.#doNext(this.#alerts, (work) => this.#tell(work));
    await this.#doNext(this.#reports, (work) => this.#report(work));
    await this.#wakeInTime();
  }

  async #doNext(
    queue: DueQueue,
    run: (work: DueWork) => Promise<void>,
  ): Promise<void> {
    const work = queue.next(Date.now());
    if (work === null) return;
    try {
      await run(work);
      queue.done(work.id);
    } catch (error) {
      // An alarm that throws is tried six times, then never again.
      const again = queue.putOff(work, Date.now());
      logFault("correlation_failed", error, { ...work, again: String(again) });
    }
  }

  async #tell({ id: typeAndId, attempts }: DueWork): Promise<void> {
    const type = ALERT_TYPES.find((one) => typeAndId.startsWith(`${one}/`));
    if (type === undefined) return;
    const id = typeAndId.slice(type.length + 1);
    await tellAnomaly(this.env, { id, type }, { ...this.#asked(), attempts });
    // Now it is known what may be behind it.
    await this.#tellListeners(id);
  }

  async #tellListeners(id: string): Promise<void> {
    if (!this.#lease.isOn(Date.now())) return;
    const { tenant } = this.#asked();
    if (!await tellOfAnomaly(this.env, tenant, id)) this.#lease.end();
  }

  async #report({ id }: DueWork): Promise<void> {
    const asked = this.#asked();
    const drift = await readDrift(this.env.DB, asked.tenant, id);
    if (drift === null) return;
    const report = await makeDriftReport(this.env, drift, {
      ...asked,
      windowMinutes: DEFAULT_WINDOW_MINUTES,
    });
    await writeReport(this.env.DB, asked.tenant, report);
  }

  #asked() {
    return {
      tenant: this.ctx.storage.kv.get<string>(TENANT_KEY) ?? "",
      settings: readSettings(this.env),
      nowMs: Date.now(),
      waitUntil: (promise: Promise<unknown>) => this.ctx.waitUntil(promise),
    };
  }

  async #wakeInTime(): Promise<void> {
    const dues = [this.#alerts.dueMs(), this.#reports.dueMs()]
      .filter((ms) => ms !== null);
    if (dues.length === 0) return;
    await this.#alarm.wakeBy(Math.min(...dues), Date.now());
  }
}
