import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Outcome } from "../../../src/outbox/classify_answer.ts";
import { OutboxEngine } from "../../../src/outbox/outbox_engine.ts";
import { MAX_STRIKES } from "../../../src/outbox/request_batch.ts";
import { MAX_WAIT_MS } from "../../../src/outbox/retry_wait.ts";
import { FailingStorage, STORAGE_FAULT } from "../failing_storage.ts";
import {
  failing,
  NOW_MS,
  OutboxTrial,
  TAKEN,
  withOutbox,
} from "./outbox_trial.ts";

const HOUR_MS = 3_600_000;
const DOUBTFUL = failing("doubtful", 500);
const UNREACHABLE: Outcome = {
  kind: "doubtful",
  reason: "Cannot reach the target: Network connection lost.",
  label: "network",
  status: null,
  retryAfterMs: null,
};

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}

function inOrder(numbers: readonly number[]): number[] {
  return numbers.toSorted((a, b) => a - b);
}

test("OutboxEngine sends everything in order of age after an hour away", async () => {
  await withOutbox(async (trial) => {
    trial.answer = () => failing("away");
    for (let second = 0; second < 3600; second++) {
      const atMs = NOW_MS + second * 1000;
      await trial.settle(Math.max(0, atMs - trial.nowMs));
      trial.nowMs = Math.max(trial.nowMs, atMs);
      trial.random = second * 0.618 % 1;
      expect(trial.append([second], { bytes: second % 97 })).toEqual([true]);
    }
    expect(trial.attempts.length).toBeLessThanOrEqual(90);
    expect(trial.attempts.length).toBeGreaterThan(40);
    expect(new Set(trial.attempts.map(({ number }) => number)))
      .toEqual(new Set([0]));
    trial.answer = () => TAKEN;
    trial.restart();
    const backMs = trial.nowMs;
    await trial.settle(HOUR_MS);
    expect(trial.taken).toEqual(upTo(3600));
    expect(trial.mostUnderWay).toBe(1);
    const tookMs = trial.nowMs - backMs;
    expect(tookMs).toBeLessThan(MAX_WAIT_MS + 3600 * trial.answerMs + 1000);
    expect(trial.engine.status()).toMatchObject({
      items: 0,
      bytes: 0,
      delivered: 3600,
      deadLettered: 0,
      oldestMs: null,
    });
    trial.checkSizes();
  });
});

test("OutboxEngine buries nothing of a target that cannot be reached for an hour, and asks it no more often", async () => {
  await withOutbox(async (trial) => {
    trial.answer = () => UNREACHABLE;
    for (let second = 0; second < 3600; second++) {
      const atMs = NOW_MS + second * 1000;
      await trial.settle(Math.max(0, atMs - trial.nowMs));
      trial.nowMs = Math.max(trial.nowMs, atMs);
      trial.random = second * 0.618 % 1;
      trial.append([second]);
    }
    expect(trial.attempts.length).toBeLessThanOrEqual(90);
    expect(trial.attempts.length).toBeGreaterThan(40);
    trial.answer = () => TAKEN;
    trial.restart();
    const backMs = trial.nowMs;
    await trial.settle(HOUR_MS);
    expect(trial.dead()).toEqual([]);
    // A probe may have come before the one that had failed.
    const [first = -1, second = -1, ...rest] = trial.taken;
    expect(inOrder([first, second, ...rest])).toEqual(upTo(3600));
    expect(Math.min(first, second)).toBe(0);
    expect(rest).toEqual(inOrder(rest));
    const tookMs = trial.nowMs - backMs;
    expect(tookMs).toBeLessThan(MAX_WAIT_MS + 3600 * trial.answerMs + 1000);
    trial.checkSizes();
  });
});

test("OutboxEngine is not held up by a body that breaks the connection each time", async () => {
  await withOutbox(async (trial) => {
    trial.append(upTo(20));
    trial.answer = (number) => number % 7 === 0 ? UNREACHABLE : TAKEN;
    await trial.settle(60_000);
    expect(trial.dead()).toEqual([0, 7, 14]);
    expect(inOrder(trial.taken))
      .toEqual(upTo(20).filter((number) => number % 7 !== 0));
    trial.checkSizes();
  });
});

test("OutboxEngine waits for as long as the target asks", async () => {
  await withOutbox(async (trial) => {
    trial.append([1]);
    trial.random = 0;
    trial.answer = () => failing("away", 429, 120_000);
    await trial.run();
    expect(trial.engine.nextRunMs(false)).toBe(
      NOW_MS + trial.answerMs + 120_000,
    );
    await trial.run();
    expect(trial.attempts.length).toBe(1);
    expect(trial.engine.status()).toMatchObject({
      failures: 1,
      failed: { 429: 1 },
      lastError: "The target answered with status 429",
    });
  });
});

test("OutboxEngine keeps what a misconfigured target refuses", async () => {
  await withOutbox(async (trial) => {
    trial.append([1, 2]);
    trial.answer = () => failing("misconfigured", 401);
    await trial.settle(HOUR_MS);
    expect(trial.waiting()).toEqual([1, 2]);
    expect(trial.attempts.length).toBeLessThan(30);
    trial.answer = () => TAKEN;
    await trial.settle(HOUR_MS);
    expect(trial.taken).toEqual([1, 2]);
  });
});

test("OutboxEngine buries at once what can never pass, with its reason", async () => {
  await withOutbox(async (trial) => {
    trial.append([1, 2, 3]);
    trial.answer = (number) => number === 2 ? failing("never", 400) : TAKEN;
    await trial.run();
    expect(trial.taken).toEqual([1, 3]);
    expect(trial.attempts.length).toBe(3);
    expect(trial.engine.deadLetters(0, 10)).toMatchObject([
      { status: 400, reason: "The target answered with status 400" },
    ]);
    expect(trial.dead()).toEqual([2]);
    trial.checkSizes();
  });
});

test("OutboxEngine buries what the target refused before it was stored", async () => {
  await withOutbox((trial) => {
    const refusal = { reason: "too odd", status: 422 };
    expect(trial.append([7], { refusal, bytes: 3_000_000 })).toEqual([true]);
    expect(trial.engine.nextRunMs(false)).toBe(null);
    expect(trial.engine.deadLetters(0, 10)).toMatchObject([refusal]);
    expect(trial.dead()).toEqual([7]);
    trial.checkSizes();
  });
});

test("OutboxEngine gives a poisonous body MAX_STRIKES and one more, then goes on", async () => {
  await withOutbox(async (trial) => {
    trial.append([1, 2, 3]);
    trial.answer = (number) => number === 1 ? DOUBTFUL : TAKEN;
    await trial.settle(HOUR_MS);
    expect(trial.attempts.map(({ number }) => number))
      .toEqual([...Array.from({ length: MAX_STRIKES }, () => 1), 2, 1, 3]);
    expect(trial.dead()).toEqual([1]);
    trial.checkSizes();
  });
});

test("OutboxEngine buries nothing of a target that answers 500 to all, or comes back while it is tried", async () => {
  await withOutbox(async (trial) => {
    trial.append(upTo(20));
    trial.answer = () => DOUBTFUL;
    await trial.settle(3 * HOUR_MS);
    expect(trial.dead()).toEqual([]);
    expect(trial.waiting()).toEqual(upTo(20));
    trial.answer = () => TAKEN;
    await trial.settle(HOUR_MS);
    expect(trial.taken).toEqual(upTo(20));
  });
  await withOutbox(async (trial) => {
    trial.append([1, 2, 3]);
    // It is back between the head's last strike and the probe.
    trial.answer = () =>
      trial.attempts.length <= MAX_STRIKES ? DOUBTFUL : TAKEN;
    await trial.settle(HOUR_MS);
    expect(trial.dead()).toEqual([]);
    expect(inOrder(trial.taken)).toEqual([1, 2, 3]);
  });
});

test("OutboxEngine gets everything but poison through, whatever the target does meanwhile", async () => {
  const weather = fc.constantFrom(
    TAKEN,
    failing("away"),
    failing("misconfigured", 401),
    DOUBTFUL,
  );
  await withOutbox(async ({ storage }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("fine", "poison", "never"), { maxLength: 12 }),
        fc.array(fc.tuple(weather, fc.nat(10)), { maxLength: 6 }),
        fc.nat(99),
        async (bodies, spells, random) => {
          const trial = new OutboxTrial(storage);
          trial.random = random / 100;
          // The last is fine: without any, nobody can tell poison from a
          // sick target.
          const kinds = [...bodies, "fine", "fine"];
          let sky: Outcome = TAKEN;
          trial.answer = (number) => {
            if (sky.kind !== "delivered") return sky;
            if (kinds[number] === "poison") return DOUBTFUL;
            return kinds[number] === "never" ? failing("never", 400) : TAKEN;
          };
          let at = 0;
          for (const [spell, minutes] of spells) {
            sky = spell;
            if (at < bodies.length) trial.append([at++]);
            await trial.settle(minutes * 60_000);
            trial.restart();
          }
          // Many strikes may have made every one of them a suspect.
          sky = TAKEN;
          await trial.settle(HOUR_MS);
          trial.append(upTo(kinds.length).slice(at));
          await trial.settle(HOUR_MS);
          const of = (...wanted: string[]) =>
            upTo(kinds.length).filter((n) => wanted.includes(kinds[n] ?? ""));
          const waiting = trial.waiting();
          expect(inOrder([...waiting, ...trial.taken]))
            .toEqual(inOrder([...waiting, ...of("fine")]));
          expect(inOrder([...waiting, ...trial.dead()]))
            .toEqual(of("poison", "never"));
          trial.checkSizes();
        },
      ),
      { numRuns: 30 },
    );
  });
});

test("OutboxEngine loses nothing acknowledged and keeps the order, whichever storage call fails", async () => {
  await withOutbox(async ({ storage }) => {
    for (let failAt = 1;; failAt++) {
      const trial = new OutboxTrial(storage);
      const broken = new FailingStorage(storage);
      trial.engine = new OutboxEngine(broken.storage);
      broken.failAt = failAt;
      trial.answer = (number) =>
        number === 3 && trial.attempts.length < 20
          ? DOUBTFUL
          : number === 5
          ? failing("never", 400)
          : trial.attempts.length % 4 === 0
          ? failing("away")
          : TAKEN;
      for (let number = 0; number < 6; number++) {
        await orRestart(trial, async () => {
          expect(trial.append([number], { bytes: bytesOf(number) }))
            .toEqual([true]);
          await trial.run();
        }, () => trial.append([number], { bytes: bytesOf(number) }));
      }
      await orRestart(trial, () => trial.settle(HOUR_MS));
      const { failed } = broken;
      trial.restart();
      await trial.settle(HOUR_MS);
      const firsts = [...new Set(trial.taken)];
      expect(inOrder([...firsts, ...trial.dead()])).toEqual(
        expect.arrayContaining(upTo(6)),
      );
      expect(trial.waiting()).toEqual([]);
      const settled = firsts.filter((number) => number !== 3);
      expect(settled).toEqual(inOrder(settled));
      trial.checkSizes();
      if (!failed) {
        expect(failAt).toBeGreaterThan(50);
        return;
      }
    }
  });
});

/** One of them fills more than a row. */
function bytesOf(number: number): number {
  return number === 1 ? 1_100_000 : 10;
}

async function orRestart(
  trial: OutboxTrial,
  act: () => Promise<void>,
  again?: () => unknown,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    expect(String(error)).toContain(STORAGE_FAULT);
    trial.restart();
    again?.();
  }
}
