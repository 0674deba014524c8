import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  MAX_CHANGES_PER_ALARM,
  MAX_MINUTES_PER_ALARM,
  MAX_SILENT_MINUTES,
  MAX_WAITING_CHANGES,
} from "../../../src/anomaly/anomaly_limits.ts";
import {
  listAnomalies,
  type StoredAnomaly,
} from "../../../src/anomaly/anomaly_store.ts";
import { ChangeBook } from "../../../src/anomaly/change_book.ts";
import { directoryOf } from "../../../src/directory/directory_stub.ts";
import { CLOSE_GRACE_S } from "../../../src/history/retention.ts";
import { MINUTE_S } from "../../../src/history/window_range.ts";
import { correlatorName } from "../../../src/object_names.ts";
import type { DeltaEvent } from "../../aggregate/delta_events.ts";
import {
  AggregateTrial,
  eventAt,
  NOW_S,
  setClock,
} from "../aggregate_trial.ts";
import { anomalyOf } from "./anomaly_of.ts";

// Minute 0 of these tests, 90 minutes before the fault.
const FIRST_S = NOW_S - NOW_S % MINUTE_S - 90 * MINUTE_S;

// Of the tenant of all trials.
const correlator = env.CORRELATOR.getByName(correlatorName("trial"));

beforeEach(() => setClock(NOW_S));
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await env.DB.exec("DELETE FROM anomaly");
  await runInDurableObject(correlator, (_, { storage }) => {
    storage.sql.exec("DELETE FROM due_alert");
  });
});

/** A minute of 200 requests, some of which fail. */
function minuteOf(minute: number, failed = 0): DeltaEvent[] {
  const event = eventAt(FIRST_S + minute * MINUTE_S, 200 - failed);
  return [
    event,
    ...(failed > 0 ? [{ ...event, weight: failed, failed: true }] : []),
  ];
}

/** Has the alarm come when a minute has closed. */
async function close(trial: AggregateTrial, minute: number): Promise<void> {
  setClock(FIRST_S + (minute + 1) * MINUTE_S + CLOSE_GRACE_S);
  await runDurableObjectAlarm(trial.stub);
}

/** 90 quiet minutes, judged. */
async function quiet(trial: AggregateTrial): Promise<void> {
  const minutes = Array.from({ length: 90 }, (_, minute) => minute);
  await trial.send(minutes.flatMap((minute) => minuteOf(minute)));
  await close(trial, 89);
}

function stored(trial: AggregateTrial): Promise<StoredAnomaly[]> {
  const filter = { service: trial.id };
  return listAnomalies(env.DB, trial.tenant, { filter, limit: 100 });
}

function lastMinute(trial: AggregateTrial): Promise<unknown> {
  return runInDurableObject(
    trial.stub,
    (_, { storage }) =>
      storage.sql.exec("SELECT minute FROM detector").toArray()[0]?.["minute"],
  );
}

test("alarm() raises, tells and ends an anomaly, whatever is evicted between minutes", async () => {
  const trial = new AggregateTrial();
  await quiet(trial);
  for (let minute = 90; minute < 110; minute++) {
    await trial.send(minuteOf(minute, minute < 97 ? 40 : 0));
    await trial.evict();
    await close(trial, minute);
    const found = await stored(trial);
    if (minute < 94) expect(found).toEqual([]);
    else expect(found).toHaveLength(1);
    const endedMs = found[0]?.anomaly.endedMs ?? null;
    expect(endedMs === null).toBe(minute < 101);
  }
  const [one] = await stored(trial);
  expect(one?.anomaly).toMatchObject({
    service: trial.id,
    edge: null,
    metric: "error_rate",
    startedMs: (FIRST_S + 90 * MINUTE_S) * 1000,
    raisedMs: (FIRST_S + 95 * MINUTE_S) * 1000,
    endedMs: (FIRST_S + 97 * MINUTE_S) * 1000,
    endReason: "calm",
  });
  expect(one?.candidates).toBe(null);
  await trial.check();
});

test("alarm() judges each minute once, in order: no revision, none that is too late", async () => {
  const trial = new AggregateTrial();
  await quiet(trial);
  await trial.send(minuteOf(91));
  await close(trial, 91);
  const known = () =>
    runInDurableObject(
      trial.stub,
      (_, { storage }) =>
        storage.sql.exec("SELECT hex(known) AS known FROM detector").toArray(),
    );
  const before = await known();
  await trial.send([...minuteOf(80, 200), ...minuteOf(90, 100)]);
  await runDurableObjectAlarm(trial.stub);
  await trial.evict();
  await runDurableObjectAlarm(trial.stub);
  expect(await known()).toEqual(before);
  expect(await lastMinute(trial)).toBe(FIRST_S / MINUTE_S + 91);
  await trial.check();
});

test("alarm() judges MAX_MINUTES_PER_ALARM minutes, and the others with the next", async () => {
  const trial = new AggregateTrial();
  const minutes = Array.from(
    { length: MAX_MINUTES_PER_ALARM + 1 },
    (_, at) => at - MAX_MINUTES_PER_ALARM,
  );
  await trial.send(minutes.flatMap((minute) => minuteOf(minute)));
  await close(trial, 0);
  expect(await lastMinute(trial)).toBe(FIRST_S / MINUTE_S - 1);
  await runDurableObjectAlarm(trial.stub);
  expect(await lastMinute(trial)).toBe(FIRST_S / MINUTE_S);
});

test("alarm() leaps over more than MAX_SILENT_MINUTES without a request", async () => {
  for (const silent of [MAX_SILENT_MINUTES, MAX_SILENT_MINUTES + 1]) {
    const trial = new AggregateTrial();
    await trial.send([...minuteOf(0), ...minuteOf(1 + silent)]);
    await close(trial, 1 + silent);
    expect(await lastMinute(trial)).toBe(FIRST_S / MINUTE_S + 1 + silent);
  }
});

test("alarm() ends what lasts though no request comes any more, and then rests", async () => {
  const trial = new AggregateTrial();
  await quiet(trial);
  for (let minute = 90; minute < 96; minute++) {
    await trial.send(minuteOf(minute, 100));
  }
  for (let minute = 96; minute < 130; minute++) await close(trial, minute);
  const [one] = await stored(trial);
  expect(one?.anomaly.endReason).toBe("no_data");
  const judged = await lastMinute(trial);
  await close(trial, 140);
  expect(await lastMinute(trial)).toBe(judged);
});

test("alarm() keeps anomalies while D1 does not take them; windows do not suffer", async () => {
  const trial = new AggregateTrial();
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  await quiet(trial);
  await env.DB.exec("ALTER TABLE anomaly RENAME TO away");
  for (let minute = 90; minute < 96; minute++) {
    await trial.send(minuteOf(minute, 100));
    await close(trial, minute);
    expect(await trial.live(MINUTE_S)).toEqual([]);
  }
  expect(log).toHaveBeenCalled();
  await trial.evict();
  await env.DB.exec("ALTER TABLE away RENAME TO anomaly");
  expect(await stored(trial)).toEqual([]);
  expect(await runDurableObjectAlarm(trial.stub)).toBe(true);
  expect(await stored(trial)).toHaveLength(1);
  await trial.check();
});

test("alarm() judges minutes while D1 takes no windows", async () => {
  const trial = new AggregateTrial();
  vi.spyOn(console, "error").mockImplementation(() => {});
  await env.DB.exec("ALTER TABLE bucket RENAME TO away");
  await quiet(trial);
  await trial.send(
    Array.from({ length: 6 }, (_, at) => 90 + at)
      .flatMap((minute) => minuteOf(minute, 100)),
  );
  await close(trial, 95);
  expect(await stored(trial)).toHaveLength(1);
  await env.DB.exec("ALTER TABLE away RENAME TO bucket");
  await runDurableObjectAlarm(trial.stub);
  await trial.check();
});

test("alarm() goes on where what was known cannot be read", async () => {
  const trial = new AggregateTrial();
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  await quiet(trial);
  await runInDurableObject(trial.stub, (_, { storage }) => {
    storage.sql.exec("UPDATE detector SET known = x'63'");
  });
  await trial.evict();
  await trial.send(minuteOf(90));
  await close(trial, 90);
  expect(log.mock.calls.join()).toContain("detector_not_read");
  expect(await lastMinute(trial)).toBe(FIRST_S / MINUTE_S + 90);
  await trial.check();
});

/** The alerts that wait at the tenant's correlator. */
function waitingAlerts(): Promise<string[]> {
  return runInDurableObject(
    correlator,
    (_, { storage }) =>
      storage.sql.exec<{ id: string }>(
        "SELECT id FROM due_alert ORDER BY due_ms",
      ).toArray().map(({ id }) => id),
  );
}

test("alarm() has an anomaly explained and told of once D1 has it, raised and ended, each once", async () => {
  const trial = new AggregateTrial();
  const asked = { ids: [trial.id], keyId: "", maxServices: null };
  await directoryOf(env, trial.tenant).admit(asked);
  await quiet(trial);
  for (let minute = 90; minute < 110; minute++) {
    await trial.send(minuteOf(minute, minute < 97 ? 40 : 0));
    await close(trial, minute);
  }
  const [one] = await stored(trial);
  const id = one?.anomaly.id ?? expect.unreachable();
  expect(await waitingAlerts())
    .toEqual([`anomaly.raised/${id}`, `anomaly.ended/${id}`]);
  await runDurableObjectAlarm(correlator);
  expect(await waitingAlerts()).toEqual([`anomaly.ended/${id}`]);
  expect((await stored(trial))[0]?.candidates).toEqual([]);
  await runDurableObjectAlarm(correlator);
  expect(await waitingAlerts()).toEqual([]);
});

test("ChangeBook keeps MAX_WAITING_CHANGES, the newest; an alarm tells of MAX_CHANGES_PER_ALARM", async () => {
  const trial = new AggregateTrial();
  await trial.send(minuteOf(0));
  await runInDurableObject(trial.stub, async (object, { storage }) => {
    const changes = new ChangeBook(storage.sql);
    const raised = Array.from(
      { length: MAX_WAITING_CHANGES + 1 },
      (_, at) =>
        anomalyOf(`a${at}`, {
          startedMs: NOW_S * 1000 + at,
          service: trial.id,
        }),
    );
    changes.note({ raised: raised.slice(0, -1), updated: [], ended: [] });
    expect(changes.first(2 * MAX_WAITING_CHANGES))
      .toHaveLength(MAX_WAITING_CHANGES);
    changes.note({ raised: raised.slice(-1), updated: [], ended: [] });
    const kept = changes.first(2 * MAX_WAITING_CHANGES);
    expect(kept).toHaveLength(MAX_WAITING_CHANGES);
    expect(kept[0]?.anomaly.id).toBe("a1");
    await object.alarm();
    expect(changes.first(2 * MAX_WAITING_CHANGES))
      .toHaveLength(MAX_WAITING_CHANGES - MAX_CHANGES_PER_ALARM);
  });
});

test("ChangeBook.done() leaves waiting what changed meanwhile", async () => {
  const trial = new AggregateTrial();
  await trial.send(minuteOf(0));
  await runInDurableObject(trial.stub, (_, { storage }) => {
    const changes = new ChangeBook(storage.sql);
    const first = anomalyOf("a");
    changes.note({ raised: [first], updated: [], ended: [] });
    const [waiting] = changes.first(1);
    const ended = { ...first, revision: 2, endedMs: 1 };
    changes.note({ raised: [], updated: [], ended: [ended] });
    if (waiting !== undefined) changes.done(waiting);
    expect(changes.first(9)).toEqual([
      { anomaly: ended, raised: false, ended: true, attempts: 0 },
    ]);
  });
});
