import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { isolateKeys } from "../../src/access/isolate_keys.ts";
import { type Caller, NO_KEY_LIMITS } from "../../src/access/caller.ts";
import { admitServices } from "../../src/directory/admit_services.ts";
import { FIRST_PAGE_ROWS } from "../../src/history/read_history.ts";
import { DAY_S, MINUTE_S } from "../../src/history/window_range.ts";
import { ask, storedKey } from "./access/closed_service.ts";
import { AggregateTrial, eventAt, NOW_S, setClock } from "./aggregate_trial.ts";
import { FailingDatabase } from "./failing_database.ts";

/** More calls than any answer makes. */
const MOST_CALLS = 50;
/** One page of minutes, and one more. */
const MINUTES = FIRST_PAGE_ROWS + 1;

let trial: AggregateTrial;
beforeAll(async () => {
  trial = await storedService();
});
beforeEach(() => {
  setClock(NOW_S);
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A service with minutes in its object and in D1, and hours in D1. */
async function storedService(): Promise<AggregateTrial> {
  const trial = new AggregateTrial();
  const caller: Caller = {
    tenant: trial.tenant,
    keyId: "",
    operator: true,
    limits: NO_KEY_LIMITS,
  };
  await admitServices({ ...env }, { caller, services: [trial.service] });
  const firstS = NOW_S - 8 * DAY_S;
  setClock(firstS);
  await trial.send([eventAt(firstS)]);
  setClock(NOW_S);
  await runDurableObjectAlarm(trial.stub);
  await trial.send(
    Array.from(
      { length: MINUTES },
      (_, at) => eventAt(NOW_S - (at + 5) * MINUTE_S),
    ),
  );
  await runDurableObjectAlarm(trial.stub);
  await trial.send([eventAt(NOW_S)]);
  return trial;
}

/** What an answer says, without what this service counts of its requests. */
function said(text: string): string {
  return text.replace(/"counters":\[[^\]]*\]/, "")
    .replaceAll(/^.*tracecore_[a-z_]+_total.*\n/gm, "");
}

/** Paths, with the least calls to D1 that their answers take. */
const READS = [
  ["/health", 1],
  ["/metrics", 1],
  ["/api/v1/status", 1],
  ["/api/v1/servicemap?start=9d", 4],
  ["/api/v1/services?start=9d", 4],
  ["/api/v1/services/NAME?start=9d", 4],
  ["/api/v1/diagnostics?start=9d", 4],
  ["/api/v1/resources", 3],
  ["/api/v1/drift-events", 2],
  ["/api/v1/outbox", 1],
  ["/api/v1/keys", 2],
  ["/api/v1/keys/KEY", 2],
] as const;

test.each(READS)(
  "GET %s is 503 whichever call to D1 fails, and whole the next time",
  async (path, leastCalls) => {
    const { service, tenant } = trial;
    const key = await storedKey({ tenant, scope: "admin" });
    const named = path.replace("NAME", encodeURIComponent(service.name))
      .replace("KEY", key.id);
    const asked = async (database: D1Database) => {
      isolateKeys.keys.forget(key.id);
      const bindings = { DB: database };
      const response = await ask(named, { key: key.text, bindings });
      return { response, text: said(await response.text()) };
    };
    const whole = await asked(env.DB);
    expect(whole.response.status).toBe(200);
    let failAt = 0;
    for (;;) {
      expect(++failAt).toBeLessThan(MOST_CALLS);
      const failing = new FailingDatabase(env.DB, { failAt, moment: "before" });
      const { response, text } = await asked(failing.database);
      if (!failing.failed) {
        expect([response.status, text]).toEqual([200, whole.text]);
        break;
      }
      expect([failAt, response.status]).toEqual([failAt, 503]);
      expect(response.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
      const next = await asked(env.DB);
      expect([failAt, next.text]).toEqual([failAt, whole.text]);
    }
    expect(failAt).toBeGreaterThan(leastCalls);
  },
);
