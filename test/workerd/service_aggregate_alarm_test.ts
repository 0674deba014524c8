import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AggregateState } from "../../src/aggregate/aggregate_state.ts";
import { encodeDeltaMessage } from "../../src/aggregate/delta_message.ts";
import { CLOSE_GRACE_S } from "../../src/history/retention.ts";
import { DAY_S, HOUR_S, MINUTE_S } from "../../src/history/window_range.ts";
import { isPassingFault } from "../../src/http/passing_fault.ts";
import {
  AggregateTrial,
  CLOSED_S,
  encodedMinutes,
  eventAt,
  MINUTES,
  NOW_S,
  RESOLUTIONS,
  setClock,
  YESTERDAY_S,
} from "./aggregate_trial.ts";

beforeEach(() => setClock(NOW_S));
afterEach(() => {
  vi.useRealTimers();
});

test("alarm() writes a minute CLOSE_GRACE_S after its end, not before", async () => {
  const trial = new AggregateTrial();
  const minuteS = NOW_S - NOW_S % MINUTE_S;
  const closeS = minuteS + MINUTE_S + CLOSE_GRACE_S;
  await trial.send([eventAt(minuteS)]);
  const alarmMs = await runInDurableObject(
    trial.stub,
    (_, state) => state.storage.getAlarm(),
  );
  expect(alarmMs).toBe(closeS * 1000);
  setClock(closeS - 0.001);
  await runDurableObjectAlarm(trial.stub);
  expect(await trial.stored(MINUTE_S)).toEqual([]);
  expect(await trial.live(MINUTE_S)).toEqual([minuteS]);
  setClock(closeS);
  await runDurableObjectAlarm(trial.stub);
  expect(await trial.stored(MINUTE_S)).toEqual([minuteS]);
  expect(await trial.live(MINUTE_S)).toEqual([]);
  await trial.check();
});

test("alarm() makes hours of minutes and days of hours once they have ended", async () => {
  const trial = new AggregateTrial();
  await trial.send(MINUTES.map((minuteS) => eventAt(minuteS)));
  await runDurableObjectAlarm(trial.stub);
  const hourS = NOW_S - NOW_S % HOUR_S;
  const dayS = NOW_S - NOW_S % DAY_S;
  expect(await trial.stored(HOUR_S)).not.toContain(hourS);
  expect(await trial.live(HOUR_S)).toEqual([hourS]);
  expect(await trial.stored(DAY_S)).toEqual([dayS - DAY_S]);
  expect(await trial.live(DAY_S)).toEqual([dayS]);
  await trial.check();
  setClock(dayS + DAY_S + CLOSE_GRACE_S);
  await runDurableObjectAlarm(trial.stub);
  for (const resolution of RESOLUTIONS) {
    expect(await trial.live(resolution)).toEqual([]);
  }
  await trial.check();
});

test("alarm() writes late revisions of closed minutes, hours and days", async () => {
  const trial = new AggregateTrial();
  await trial.send(MINUTES.map((minuteS) => eventAt(minuteS)));
  await runDurableObjectAlarm(trial.stub);
  await trial.evict();
  // One closed minute gains, one loses, one is new in a closed hour.
  await trial.send([
    eventAt(YESTERDAY_S, 7),
    eventAt(CLOSED_S, -1),
    eventAt(YESTERDAY_S + MINUTE_S),
    eventAt(YESTERDAY_S + 2 * HOUR_S),
  ]);
  await trial.check();
  await runDurableObjectAlarm(trial.stub);
  expect(await trial.live(MINUTE_S)).not.toContain(
    YESTERDAY_S - YESTERDAY_S % MINUTE_S,
  );
  await trial.check();
});

test("alarm() leaves pending what was revised while D1 was written", async () => {
  const trial = new AggregateTrial();
  const minuteS = CLOSED_S - CLOSED_S % MINUTE_S;
  await trial.send([eventAt(minuteS)]);
  await runInDurableObject(trial.stub, async (object) => {
    const writing = object.alarm();
    const { tenant, service } = trial;
    const minutes = encodedMinutes([eventAt(minuteS, 5)]);
    const deltas = [{ sequence: 2, minutes }];
    trial.events.push(eventAt(minuteS, 5));
    await object.apply(
      encodeDeltaMessage({ tenant, service, source: "a", deltas }),
    );
    await writing;
  });
  expect(await trial.stored(MINUTE_S)).toEqual([minuteS]);
  expect(await trial.live(MINUTE_S)).toEqual([minuteS]);
  await trial.check();
  await runDurableObjectAlarm(trial.stub);
  expect(await trial.live(MINUTE_S)).toEqual([]);
  await trial.check();
});

test("alarm() keeps what D1 does not take, comes again, and writes it later", async () => {
  const trial = new AggregateTrial();
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  await trial.send([eventAt(CLOSED_S), eventAt(YESTERDAY_S)]);
  await env.DB.exec("ALTER TABLE bucket RENAME TO away");
  for (const waitMs of [5000, 10_000, 20_000, 40_000]) {
    expect(await runDurableObjectAlarm(trial.stub)).toBe(true);
    const alarmMs = await runInDurableObject(
      trial.stub,
      (_, state) => state.storage.getAlarm(),
    );
    expect(alarmMs).toBe(NOW_S * 1000 + Math.max(waitMs, 20_000));
  }
  expect(log).toHaveBeenCalledTimes(4);
  const fault = await trial.load(MINUTE_S).catch((error: unknown) => error);
  expect(isPassingFault(fault)).toBe(true);
  await trial.send([eventAt(CLOSED_S)]);
  await trial.evict();
  await env.DB.exec("ALTER TABLE away RENAME TO bucket");
  await trial.check();
  expect(await trial.stored(MINUTE_S)).toEqual([]);
  expect(await runDurableObjectAlarm(trial.stub)).toBe(true);
  expect(await trial.live(MINUTE_S)).toEqual([]);
  expect(await trial.stored(MINUTE_S)).toHaveLength(2);
  await trial.check();
});

test("alarm() leaves an idle object with no alarm but that of expiry", async () => {
  const trial = new AggregateTrial();
  await trial.send([eventAt(CLOSED_S)]);
  const dayS = NOW_S - NOW_S % DAY_S;
  setClock(dayS + DAY_S + CLOSE_GRACE_S);
  await runDurableObjectAlarm(trial.stub);
  const alarmMs = await runInDurableObject(
    trial.stub,
    (_, state) => state.storage.getAlarm(),
  );
  const hourEndS = CLOSED_S - CLOSED_S % HOUR_S + HOUR_S;
  expect(alarmMs).toBe((hourEndS + 7 * DAY_S) * 1000);
});

test("alarm() deletes what D1 keeps no longer, and in the end rests", async () => {
  const trial = new AggregateTrial();
  const other = new AggregateTrial();
  for (const each of [trial, other]) await each.send([eventAt(CLOSED_S)]);
  const dayS = NOW_S - NOW_S % DAY_S;
  setClock(dayS + DAY_S + CLOSE_GRACE_S);
  await runDurableObjectAlarm(trial.stub);
  await runDurableObjectAlarm(other.stub);
  const hourS = CLOSED_S - CLOSED_S % HOUR_S;
  const kept = [
    [hourS + HOUR_S + 7 * DAY_S, [0, 1, 1]],
    [dayS + DAY_S + 90 * DAY_S, [0, 0, 1]],
    [dayS + DAY_S + 730 * DAY_S, [0, 0, 0]],
  ] as const;
  for (const [timeS, counts] of kept) {
    const before = await storedCounts(trial);
    setClock(timeS - 0.001);
    await runDurableObjectAlarm(trial.stub);
    expect(await storedCounts(trial)).toEqual(before);
    setClock(timeS);
    await runDurableObjectAlarm(trial.stub);
    expect(await storedCounts(trial)).toEqual(counts);
  }
  expect(await storedCounts(other)).toEqual([1, 1, 1]);
  await runInDurableObject(trial.stub, async (_, state) => {
    expect(await state.storage.getAlarm()).toBe(null);
    expect(state.storage.sql.exec("SELECT * FROM window").toArray()).toEqual(
      [],
    );
  });
});

async function storedCounts(trial: AggregateTrial): Promise<number[]> {
  const stored = RESOLUTIONS.map((resolution) => trial.stored(resolution));
  return (await Promise.all(stored)).map((starts) => starts.length);
}

test("alarm() keeps on disk what a late span can revise", async () => {
  const trial = new AggregateTrial();
  await trial.send([eventAt(NOW_S)]);
  for (let hours = 1; hours <= 80; hours++) {
    setClock(NOW_S + hours * HOUR_S);
    await trial.send([eventAt(NOW_S + hours * HOUR_S)]);
    await runDurableObjectAlarm(trial.stub);
    if (hours % 8 === 0) {
      await trial.send([eventAt(NOW_S + (hours - 24) * HOUR_S)]);
      await runDurableObjectAlarm(trial.stub);
    }
  }
  await runInDurableObject(trial.stub, (_, state) => {
    const kept = state.storage.sql.exec(
      "SELECT resolution, count(*) AS n FROM window GROUP BY resolution",
    ).toArray();
    expect(kept).toEqual([
      { resolution: MINUTE_S, n: 25 },
      { resolution: HOUR_S, n: 48 },
      { resolution: DAY_S, n: 2 },
    ]);
  });
  await trial.evict();
  const nowS = NOW_S + 80 * HOUR_S;
  trial.events.splice(
    0,
    trial.events.length,
    ...trial.events.filter(({ minuteS }) =>
      minuteS >= nowS - nowS % DAY_S - 3 * DAY_S
    ),
  );
  await trial.check();
});

test("alarm() makes an hour of its minutes however late it comes", async () => {
  const trial = new AggregateTrial();
  await trial.send(MINUTES.map((minuteS) => eventAt(minuteS)));
  await runDurableObjectAlarm(trial.stub);
  expect(await trial.live(HOUR_S)).toEqual([NOW_S - NOW_S % HOUR_S]);
  setClock(NOW_S + 60 * HOUR_S);
  await trial.evict();
  await runDurableObjectAlarm(trial.stub);
  for (const resolution of RESOLUTIONS) {
    expect(await trial.live(resolution)).toEqual([]);
  }
  await trial.check();
});

test("alarm() loses nothing while D1 is away for days", async () => {
  const trial = new AggregateTrial();
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  await env.DB.exec("ALTER TABLE bucket RENAME TO away");
  for (let hours = 0; hours < 60; hours += 5) {
    setClock(NOW_S + hours * HOUR_S);
    await trial.send([eventAt(NOW_S + hours * HOUR_S)]);
    await runDurableObjectAlarm(trial.stub);
  }
  expect(log).toHaveBeenCalled();
  await env.DB.exec("ALTER TABLE away RENAME TO bucket");
  await trial.check();
  setClock(NOW_S + 60 * HOUR_S);
  await runDurableObjectAlarm(trial.stub);
  expect(await trial.stored(MINUTE_S)).toHaveLength(12);
  await trial.check();
});

test("AggregateState keeps an old minute that D1 lacks, though it has the hour", async () => {
  const trial = new AggregateTrial();
  await trial.send([eventAt(YESTERDAY_S)]);
  await runInDurableObject(trial.stub, (_, storage) => {
    const state = new AggregateState(storage.storage);
    const closedByMs = (NOW_S + 2 * DAY_S) * 1000;
    const all = state.snapshot({ closedByMs, after: null });
    const rows = all?.rows.filter(({ resolution }) => resolution > MINUTE_S);
    if (all === null || rows === undefined) return;
    expect(rows).toHaveLength(2);
    state.confirm({ ...all, rows });
    state.expire(closedByMs);
    expect(state.snapshot({ closedByMs, after: null })?.rows)
      .toMatchObject([{ resolution: MINUTE_S }]);
  });
});
