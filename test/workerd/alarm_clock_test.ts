import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { ALARM_GRACE_MS, AlarmClock } from "../../src/storage/alarm_clock.ts";

const FAR_MS = 3_600_000;

async function withStorage(
  name: string,
  use: (storage: DurableObjectStorage) => Promise<void>,
): Promise<void> {
  const stub = env.TRACE_SHARD.getByName(`alarm/${name}`);
  await runInDurableObject(stub, async (_, state) => {
    await use(state.storage);
    await state.storage.deleteAlarm();
  });
}

test("AlarmClock.wakeBy() moves the alarm forward, never back", async () => {
  await withStorage("forward", async (storage) => {
    const clock = new AlarmClock(storage);
    await clock.load();
    const nowMs = Date.now();
    const dueMs = nowMs + FAR_MS;
    await clock.wakeBy(null, nowMs);
    expect(await storage.getAlarm()).toBe(null);
    await clock.wakeBy(dueMs, nowMs);
    await clock.wakeBy(dueMs + 1, nowMs);
    expect(await storage.getAlarm()).toBe(dueMs);
    await clock.wakeBy(dueMs - 1, nowMs);
    expect(await storage.getAlarm()).toBe(dueMs - 1);
    clock.rang();
    await clock.wakeBy(dueMs + 2, nowMs);
    expect(await storage.getAlarm()).toBe(dueMs + 2);
  });
});

test("AlarmClock.wakeBy() leaves an overdue alarm alone for ALARM_GRACE_MS, then sets it anew", async () => {
  await withStorage("overdue", async (storage) => {
    const alarmMs = Date.now() + FAR_MS;
    await storage.setAlarm(alarmMs);
    const clock = new AlarmClock(storage);
    await clock.load();
    const graceMs = alarmMs + ALARM_GRACE_MS;
    await clock.wakeBy(graceMs, graceMs);
    expect(await storage.getAlarm()).toBe(alarmMs);
    await clock.wakeBy(graceMs, graceMs + 1);
    expect(await storage.getAlarm()).toBe(graceMs + 1);
  });
});
