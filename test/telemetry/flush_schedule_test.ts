import { expect, test } from "vitest";
import {
  FLUSH_INTERVAL_MS,
  FlushSchedule,
  RUN_LIMIT_MS,
} from "../../src/telemetry/flush_schedule.ts";

/** A clock that goes on only when it is told to. */
class Clock {
  ms = 1_000_000;
  readonly #waiting: { untilMs: number; resolve: () => void }[] = [];

  readonly nowMs = () => this.ms;
  readonly wait = (ms: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ untilMs: this.ms + ms, resolve });
    return promise;
  };

  get timers(): number {
    return this.#waiting.length;
  }

  async pass(ms: number): Promise<void> {
    this.ms += ms;
    for (const { untilMs, resolve } of this.#waiting.splice(0)) {
      if (untilMs <= this.ms) resolve();
      else this.#waiting.push({ untilMs, resolve });
    }
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }
}

function trial() {
  const clock = new Clock();
  const schedule = new FlushSchedule();
  const flushedMs: number[] = [];
  const startMs = clock.ms;
  async function flush(): Promise<void> {
    await Promise.resolve();
    flushedMs.push(clock.ms - startMs);
  }
  return { clock, schedule, flushedMs, run: () => schedule.run(flush, clock) };
}

test("FlushSchedule flushes at once after a quiet time, and once more later", async () => {
  const { clock, flushedMs, run } = trial();
  const first = run();
  await clock.pass(0);
  expect(flushedMs).toEqual([0]);
  await clock.pass(FLUSH_INTERVAL_MS - 1);
  expect(flushedMs).toEqual([0]);
  await clock.pass(1);
  expect(flushedMs).toEqual([0, FLUSH_INTERVAL_MS]);
  await first;
  expect(clock.timers).toBe(0);
});

test("FlushSchedule flushes once an interval under load, with one timer", async () => {
  const { clock, flushedMs, run } = trial();
  const step = 100;
  for (let ms = 0; ms <= 4 * FLUSH_INTERVAL_MS; ms += step) {
    void run();
    expect(clock.timers).toBeLessThanOrEqual(1);
    await clock.pass(step);
  }
  expect(flushedMs.length).toBe(5);
  flushedMs.slice(1).forEach((ms, at) => {
    const gap = ms - (flushedMs[at] ?? 0);
    expect(gap).toBeGreaterThanOrEqual(FLUSH_INTERVAL_MS);
    expect(gap).toBeLessThanOrEqual(FLUSH_INTERVAL_MS + 2 * step);
  });
});

test("FlushSchedule goes on after a run that was cut off with its request", async () => {
  const { clock, schedule, flushedMs, run } = trial();
  const never = () => new Promise<void>(() => undefined);
  void schedule.run(never, clock);
  await clock.pass(RUN_LIMIT_MS - 1);
  await run();
  expect(flushedMs).toEqual([]);
  await clock.pass(1);
  void run();
  await clock.pass(0);
  expect(flushedMs).toEqual([RUN_LIMIT_MS]);
});
