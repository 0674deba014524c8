import { expect, test } from "vitest";
import {
  MAX_DEAD_LETTER_BYTES,
  MAX_DEAD_LETTERS,
} from "../../../src/outbox/outbox_limits.ts";
import { storedBytes } from "../../../src/outbox/received_request.ts";
import {
  failing,
  LIMITS,
  requestOf,
  TAKEN,
  withOutbox,
} from "./outbox_trial.ts";

const ONE = storedBytes(requestOf(0));
const REFUSAL = { reason: "bad", status: 400 };
const HOUR_MS = 3_600_000;

test("OutboxEngine.append() refuses one byte beyond maxBytes, and takes it when there is room", async () => {
  await withOutbox(async (trial) => {
    trial.limits = { ...LIMITS, maxBytes: 3 * ONE };
    expect(trial.append([0, 1, 2, 3])).toEqual([true, true, true, false]);
    expect(trial.engine.status().bytes).toBe(3 * ONE);
    trial.limits = { ...LIMITS, maxBytes: 4 * ONE - 1 };
    expect(trial.append([3])).toEqual([false]);
    await trial.run();
    expect(trial.append([3])).toEqual([true]);
    await trial.run();
    expect(trial.taken).toEqual([0, 1, 2, 3]);
    trial.checkSizes();
  });
});

test("OutboxEngine.append() refuses while the oldest is older than maxAgeMs", async () => {
  await withOutbox(async (trial) => {
    trial.limits = { ...LIMITS, maxAgeMs: HOUR_MS };
    trial.append([0]);
    trial.nowMs += HOUR_MS;
    expect(trial.append([1])).toEqual([true]);
    trial.nowMs += 1;
    expect(trial.append([2])).toEqual([false]);
    trial.answer = () => failing("away");
    await trial.run();
    expect(trial.waiting()).toEqual([0, 1]);
  });
});

test("OutboxEngine.append() lets the oldest go where it is to, and counts them", async () => {
  await withOutbox(async (trial) => {
    trial.limits = {
      maxBytes: 3 * ONE,
      maxAgeMs: HOUR_MS,
      whenFull: "drop_oldest",
    };
    expect(trial.append([0, 1, 2])).toEqual([true, true, true]);
    expect(trial.waiting()).toEqual([0, 1, 2]);
    expect(trial.append([3, 4])).toEqual([true, true]);
    expect(trial.waiting()).toEqual([2, 3, 4]);
    expect(trial.append([5], { bytes: 3 * ONE })).toEqual([true]);
    expect(trial.waiting()).toEqual([2, 3, 4]);
    trial.nowMs += HOUR_MS;
    trial.append([6]);
    expect(trial.waiting()).toEqual([3, 4, 6]);
    trial.nowMs += 1;
    trial.append([7]);
    expect(trial.waiting()).toEqual([6, 7]);
    trial.nowMs += HOUR_MS;
    trial.answer = () => failing("away");
    await trial.run();
    expect(trial.waiting()).toEqual([7]);
    expect(trial.engine.status().dropped)
      .toEqual({ age: 3, bytes: 3, not_configured: 0, too_large: 1 });
    trial.checkSizes();
  });
});

test("OutboxEngine keeps what waits for a target configured no longer until it is too old", async () => {
  await withOutbox(async (trial) => {
    trial.limits = { ...LIMITS, maxAgeMs: HOUR_MS };
    trial.append([0]);
    await trial.run({ configured: false });
    expect(trial.engine.status()).toMatchObject({ items: 1, attempts: 0 });
    expect(trial.engine.status().lastError).toContain("configured no longer");
    trial.nowMs += HOUR_MS;
    await trial.run({ configured: false });
    expect(trial.waiting()).toEqual([0]);
    trial.nowMs += 1;
    await trial.run({ configured: false });
    expect(trial.waiting()).toEqual([]);
    expect(trial.engine.status().dropped.not_configured).toBe(1);
    trial.checkSizes();
  });
});

test("OutboxEngine keeps MAX_DEAD_LETTERS, and lets the oldest go beyond", async () => {
  await withOutbox((trial) => {
    const numbers = Array.from({ length: MAX_DEAD_LETTERS }, (_, at) => at);
    trial.append(numbers, { refusal: REFUSAL });
    expect(trial.engine.status().deadLetters).toBe(MAX_DEAD_LETTERS);
    expect(trial.engine.status().deadLettersDropped).toBe(0);
    trial.append([MAX_DEAD_LETTERS], { refusal: REFUSAL });
    expect(trial.dead()).toEqual([...numbers.slice(1), MAX_DEAD_LETTERS]);
    expect(trial.engine.status().deadLettersDropped).toBe(1);
    trial.checkSizes();
  });
});

test("OutboxEngine keeps MAX_DEAD_LETTER_BYTES, and lets the oldest go beyond", async () => {
  await withOutbox((trial) => {
    const overhead = ONE - 8;
    const bytes = MAX_DEAD_LETTER_BYTES / 4 - overhead;
    for (let number = 0; number < 4; number++) {
      trial.append([number], { refusal: REFUSAL, bytes });
    }
    expect(trial.engine.status().deadLetterBytes).toBe(MAX_DEAD_LETTER_BYTES);
    expect(trial.engine.status().deadLetters).toBe(4);
    trial.append([4], { refusal: REFUSAL });
    expect(trial.dead()).toEqual([1, 2, 3, 4]);
    trial.checkSizes();
  });
});

test("OutboxEngine.replay() puts dead letters back as the youngest, as far as there is room", async () => {
  await withOutbox(async (trial) => {
    trial.append([0, 1, 2, 3], { refusal: REFUSAL });
    const ids = trial.engine.deadLetters(0, 10).map(({ id }) => id);
    const [first = 0, second = 0, third = 0] = ids;
    trial.append([9]);
    const conditions = { nowMs: trial.nowMs, limits: trial.limits };
    expect(trial.engine.replay([second, 777, second], conditions))
      .toEqual({ replayed: 1, unknown: [777], refused: 0 });
    expect(trial.waiting()).toEqual([9, 1]);
    expect(trial.engine.deleteDeadLetter(third)).toBe(true);
    expect(trial.engine.deleteDeadLetter(third)).toBe(false);
    expect(trial.dead()).toEqual([0, 3]);
    const limits = { ...trial.limits, maxBytes: 3 * ONE };
    expect(trial.engine.replay("all", { ...conditions, limits }))
      .toEqual({ replayed: 1, unknown: [], refused: 1 });
    expect(trial.engine.deadLetter(first)).toBe(null);
    trial.checkSizes();
    trial.answer = (number) => number === 1 ? failing("never", 400) : TAKEN;
    await trial.run();
    expect(trial.taken).toEqual([9, 0]);
    expect(trial.dead()).toEqual([3, 1]);
    trial.checkSizes();
  });
});
