import {
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import {
  DUE_REPORTS_SCHEMA,
  DueReports,
  MAX_DUE_REPORTS,
  MAX_REPORT_ATTEMPTS,
  MAX_REPORTED_AGE_MS,
  REPORT_GRACE_MS,
  REPORT_WINDOW_MS,
} from "../../../src/correlation_report/due_reports.ts";
import { listReports } from "../../../src/correlation_report/report_store.ts";
import { correlatorName } from "../../../src/object_names.ts";
import { applySchemaSteps } from "../../../src/storage/schema_steps.ts";
import { ask, storedKey } from "../access/closed_service.ts";

const HOUR_MS = 3_600_000;

async function post(tenant: string, id: string, timeMs: number): Promise<void> {
  const { text: key } = await storedKey({ tenant, scope: "admin" });
  const posted = await ask("/api/v1/drift-events", {
    method: "POST",
    key,
    body: {
      id,
      resource_id: "aws:sg:sg-1",
      resource_type: "security_group",
      type: "modified",
      timestamp: new Date(timeMs).toISOString(),
    },
  });
  expect(posted.status).toBe(201);
}

async function reported(tenant: string): Promise<readonly string[]> {
  const reports = await listReports(env.DB, tenant, { filter: {}, limit: 9 });
  return reports.map((report) => report.drift_event.id);
}

test("a report that nobody asks for is made once the window has closed, and not before", async () => {
  const tenant = "watched";
  const nowMs = Date.now();
  await post(tenant, "young", nowMs - HOUR_MS);
  await post(tenant, "old", nowMs - 3 * HOUR_MS);
  const stub = env.CORRELATOR.getByName(correlatorName(tenant));
  await evictDurableObject(stub);
  await vi.waitFor(async () => {
    await runDurableObjectAlarm(stub);
    expect(await reported(tenant)).toEqual(["old"]);
  }, { timeout: 10_000 });
  const alarmMs = await runInDurableObject(
    stub,
    (_, state) => state.storage.getAlarm(),
  );
  const dueMs = nowMs - HOUR_MS + REPORT_WINDOW_MS + REPORT_GRACE_MS;
  expect(alarmMs).toBe(dueMs);
});

test("a report that cannot be made is put off, and made when it can", async () => {
  const tenant = "late";
  const stub = env.CORRELATOR.getByName(correlatorName(tenant));
  const timeMs = Date.now() - 2 * HOUR_MS;
  await env.DB.exec("ALTER TABLE correlation_report RENAME TO away");
  try {
    await post(tenant, "drift", timeMs);
    await vi.waitFor(async () => {
      await runDurableObjectAlarm(stub);
      const attempts = await runInDurableObject(
        stub,
        (_, state) =>
          state.storage.sql.exec("SELECT attempts FROM due").toArray(),
      );
      expect(attempts).toEqual([{ attempts: expect.toSatisfy((n) => n > 0) }]);
    }, { timeout: 10_000 });
  } finally {
    await env.DB.exec("ALTER TABLE away RENAME TO correlation_report");
  }
  expect(await reported(tenant)).toEqual([]);
  await runInDurableObject(stub, (_, state) => {
    state.storage.sql.exec("UPDATE due SET due_ms = 0");
  });
  await runDurableObjectAlarm(stub);
  expect(await reported(tenant)).toEqual(["drift"]);
});

test("DueReports is bounded: changes, their age, attempts", async () => {
  const stub = env.CORRELATOR.getByName("limits");
  await runInDurableObject(stub, (_, state) => {
    applySchemaSteps(state.storage, DUE_REPORTS_SCHEMA);
    const due = new DueReports(state.storage.sql);
    const nowMs = 1e12;
    function count(): number {
      return state.storage.sql.exec<{ n: number }>(
        "SELECT count(*) AS n FROM due",
      ).one().n;
    }
    due.watch(
      [{ id: "too old", timeMs: nowMs - MAX_REPORTED_AGE_MS - 1 }],
      nowMs,
    );
    expect(due.dueMs()).toBe(null);
    due.watch([{ id: "oldest", timeMs: nowMs - MAX_REPORTED_AGE_MS }], nowMs);
    expect(count()).toBe(1);
    due.watch(
      Array.from({ length: MAX_DUE_REPORTS - 1 }, (_change, at) => ({
        id: `${at}`,
        timeMs: nowMs,
      })),
      nowMs,
    );
    expect([count(), due.next(nowMs)]).toEqual([MAX_DUE_REPORTS, "oldest"]);
    due.watch([{ id: "one more", timeMs: nowMs }], nowMs);
    expect([count(), due.next(nowMs)]).toEqual([MAX_DUE_REPORTS, null]);
    for (let attempt = 1; attempt < MAX_REPORT_ATTEMPTS; attempt++) {
      expect(due.putOff("one more", nowMs)).toBe(true);
    }
    expect(due.putOff("one more", nowMs)).toBe(false);
    expect(count()).toBe(MAX_DUE_REPORTS - 1);
  });
});
