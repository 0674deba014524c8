import {
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { MAX_DUE_ALERTS } from "../../../src/alerts/alert.ts";
import {
  DUE_ALERTS,
  DUE_REPORTS,
  DUE_SCHEMA,
  DueQueue,
  MAX_DUE_ATTEMPTS,
} from "../../../src/correlation_report/due_queue.ts";
import {
  dueReports,
  MAX_DUE_REPORTS,
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

test("dueReports() leaves out what is older than MAX_REPORTED_AGE_MS", () => {
  const nowMs = 1e12;
  const timeMs = nowMs - MAX_REPORTED_AGE_MS;
  const changes = [{ id: "too old", timeMs: timeMs - 1 }, {
    id: "old",
    timeMs,
  }];
  expect(dueReports(changes, nowMs)).toEqual([
    { id: "old", dueMs: timeMs + REPORT_WINDOW_MS + REPORT_GRACE_MS },
  ]);
});

test.for(
  [
    { table: DUE_REPORTS, most: MAX_DUE_REPORTS },
    { table: DUE_ALERTS, most: MAX_DUE_ALERTS },
  ] as const,
)(
  "DueQueue of $table keeps $most, and tries each MAX_DUE_ATTEMPTS times",
  async ({ table, most }) => {
    const stub = env.CORRELATOR.getByName(`limits of ${table}`);
    await runInDurableObject(stub, (_, { storage }) => {
      applySchemaSteps(storage, DUE_SCHEMA);
      const queue = new DueQueue(storage.sql, { table, most });
      const nowMs = 1e12;
      function count(): number {
        return storage.sql.exec<{ n: number }>(
          `SELECT count(*) AS n FROM ${table}`,
        ).one().n;
      }
      const work = Array.from({ length: most }, (_work, at) => ({
        id: `${at}`,
        dueMs: nowMs + at,
      }));
      queue.add(work);
      expect([count(), queue.next(nowMs)]).toEqual([most, {
        id: "0",
        attempts: 0,
      }]);
      queue.add([{ id: "one more", dueMs: nowMs + most }]);
      expect([count(), queue.dueMs()]).toEqual([most, nowMs + 1]);
      let at = nowMs + 1;
      for (let attempt = 1; attempt < MAX_DUE_ATTEMPTS; attempt++) {
        const next = queue.next(at) ?? expect.unreachable();
        expect(next).toEqual({ id: "1", attempts: attempt - 1 });
        for (const { id } of work) if (id !== "1") queue.done(id);
        expect(queue.putOff(next, at)).toBe(true);
        expect(queue.next(at)).toBe(null);
        queue.done("one more");
        at = queue.dueMs() ?? expect.unreachable();
      }
      const last = queue.next(at) ?? expect.unreachable();
      expect(queue.putOff(last, at)).toBe(false);
      expect(count()).toBe(0);
    });
  },
);
