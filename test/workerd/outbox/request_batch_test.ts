import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  BATCH_SPANS,
  BATCH_WAIT_MS,
  MAX_BATCH_BYTES,
  MAX_BATCH_REQUESTS,
  MAX_BATCH_SPANS,
  MAX_STRIKES,
} from "../../../src/outbox/request_batch.ts";
import { storedBytes } from "../../../src/outbox/received_request.ts";
import { KilledError, withBatches } from "./batch_trial.ts";
import { failing, NOW_MS, requestOf, TAKEN } from "./outbox_trial.ts";

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}

const TIMEOUT = { ...failing("doubtful"), status: null, label: "timeout" };

test("OutboxEngine sends what came within BATCH_WAIT_MS of the first at once, not before", async () => {
  await withBatches(async (trial) => {
    trial.append([0]);
    trial.nowMs += BATCH_WAIT_MS - 1;
    trial.append([1, 2]);
    expect(trial.engine.nextRunMs(true)).toBe(NOW_MS + BATCH_WAIT_MS);
    await trial.run();
    expect(trial.seen).toEqual([]);
    trial.nowMs++;
    await trial.run();
    expect(trial.seen.map(({ numbers }) => numbers)).toEqual([[0, 1, 2]]);
    expect(trial.engine.status()).toMatchObject({
      items: 0,
      bytes: 0,
      delivered: 3,
      attempts: 1,
      batch: null,
    });
    expect(trial.engine.nextRunMs(true)).toBe(null);
  });
});

test("OutboxEngine sends BATCH_SPANS at once, and waits with one span fewer", async () => {
  await withBatches(async (trial) => {
    trial.append([0], { spans: BATCH_SPANS - 1 });
    await trial.run();
    expect(trial.seen).toEqual([]);
    expect(trial.engine.nextRunMs(true)).toBe(NOW_MS + BATCH_WAIT_MS);
    trial.append([1]);
    expect(trial.engine.nextRunMs(true)).toBeLessThanOrEqual(NOW_MS);
    await trial.run();
    expect(trial.rows).toEqual([0, 1]);
  });
});

test.each([
  ["MAX_BATCH_SPANS", { spans: MAX_BATCH_SPANS / 4 }, 4],
  ["MAX_BATCH_REQUESTS", { spans: 0 }, MAX_BATCH_REQUESTS],
  [
    "MAX_BATCH_BYTES",
    { bytes: MAX_BATCH_BYTES / 8 - (storedBytes(requestOf(0)) - 8) },
    8,
  ],
])("OutboxEngine puts no more into a batch than %s", async (_, size, most) => {
  await withBatches(async (trial) => {
    trial.append(upTo(most + 1), size);
    await trial.settle(BATCH_WAIT_MS);
    expect(trial.seen.map(({ numbers }) => numbers.length)).toEqual([most, 1]);
    expect(trial.rows).toEqual(upTo(most + 1));
  });
});

test("OutboxEngine sends a request alone that is larger than a batch", async () => {
  await withBatches(async (trial) => {
    trial.append([0, 1], { spans: MAX_BATCH_SPANS + 1 });
    await trial.run();
    expect(trial.seen.map(({ numbers }) => numbers)).toEqual([[0], [1]]);
  });
});

test("OutboxEngine repeats a batch as it was, under its token, after it was killed between sending and confirming", async () => {
  await withBatches(async (trial) => {
    trial.append([0, 1, 2]);
    trial.nowMs += BATCH_WAIT_MS;
    trial.afterwards = () => {
      throw new KilledError();
    };
    await expect(trial.run()).rejects.toThrow(KilledError);
    expect(trial.rows).toEqual([0, 1, 2]);
    trial.restart();
    trial.afterwards = () => null;
    trial.append([3, 4]);
    await trial.settle(10_000);
    expect(trial.seen.map(({ numbers }) => numbers))
      .toEqual([[0, 1, 2], [0, 1, 2], [3, 4]]);
    expect(trial.seen[0]?.token).toBe(trial.seen[1]?.token);
    expect(trial.seen[2]?.token).not.toBe(trial.seen[1]?.token);
    expect(trial.rows).toEqual([0, 1, 2, 3, 4]);
  });
});

test("OutboxEngine keeps a batch's token where its oldest was let go meanwhile", async () => {
  await withBatches(async (trial) => {
    trial.limits = { ...trial.limits, whenFull: "drop_oldest" };
    trial.append([0, 1, 2]);
    trial.nowMs += BATCH_WAIT_MS;
    trial.afterwards = () => failing("away");
    await trial.run();
    trial.limits = { ...trial.limits, maxBytes: 3 * storedBytes(requestOf(0)) };
    trial.append([3]);
    trial.afterwards = () => null;
    await trial.settle(60_000);
    const [first, second] = trial.seen;
    expect(second).toMatchObject({ numbers: [1, 2], token: first?.token });
    expect(trial.rows).toEqual([0, 1, 2, 3]);
  });
});

test("OutboxEngine has other tokens after its storage was deleted", async () => {
  const tokens: (string | undefined)[] = [];
  for (const laterMs of [0, 1]) {
    await withBatches(async (trial) => {
      trial.nowMs += laterMs;
      trial.append([0]);
      await trial.settle(BATCH_WAIT_MS);
      tokens.push(trial.seen[0]?.token);
    });
  }
  expect(new Set(tokens).size).toBe(2);
});

test("OutboxEngine buries a request that cannot be read alone, and sends the others", async () => {
  await withBatches(async (trial) => {
    trial.append(upTo(6));
    trial.isReadable = (number) => number % 4 !== 1;
    await trial.settle(BATCH_WAIT_MS);
    expect(trial.rows).toEqual([0, 2, 3, 4]);
    expect(trial.dead()).toEqual([1, 5]);
    expect(trial.seen).toHaveLength(1);
    const [letter] = trial.engine.deadLetters(0, 1);
    expect(letter?.reason).toContain("cannot be read into rows");
    expect(trial.engine.status()).toMatchObject({
      items: 0,
      deadLetters: 2,
      delivered: 4,
      failed: { unreadable: 2 },
    });
  });
});

test("OutboxEngine takes a batch apart that is refused, and buries the one at fault", async () => {
  await withBatches(async (trial) => {
    trial.append(upTo(5));
    trial.answer = ({ numbers }) =>
      numbers.includes(3) ? failing("never", 413) : TAKEN;
    await trial.settle(60_000);
    expect(trial.rows).toEqual([0, 1, 2, 4]);
    expect(trial.dead()).toEqual([3]);
    expect(trial.engine.status()).toMatchObject({ items: 0, batch: null });
  });
});

test("OutboxEngine takes a batch apart after MAX_STRIKES only where another request passes", async () => {
  await withBatches(async (trial) => {
    trial.append(upTo(5));
    trial.answer = ({ numbers }) =>
      numbers.includes(3) ? failing("doubtful", 500) : TAKEN;
    await trial.settle(600_000);
    // Nothing shows that the server is well.
    expect(new Set(trial.seen.map(({ token }) => token)).size).toBe(1);
    expect(trial.seen.length).toBeGreaterThan(MAX_STRIKES);
    expect(trial.rows).toEqual([]);
    trial.append([5, 6, 7, 8]);
    await trial.settle(600_000);
    expect(trial.rows.toSorted((a, b) => a - b)).toEqual([
      0,
      1,
      2,
      4,
      5,
      6,
      7,
      8,
    ]);
    expect(trial.dead()).toEqual([3]);
  });
});

test("OutboxEngine buries nothing while a server is away for an hour, and loses and doubles nothing", async () => {
  await withBatches(async (trial) => {
    trial.answer = () => TIMEOUT;
    for (let second = 0; second < 3600; second += 6) {
      await trial.settle(6000);
      trial.nowMs = NOW_MS + second * 1000;
      trial.append([second]);
    }
    expect(trial.seen.length).toBeLessThan(200);
    trial.answer = () => TAKEN;
    trial.restart();
    const before = trial.seen.length;
    await trial.settle(600_000);
    // Those that were tried meanwhile, in turns, go alone, lest one of them is
    // to blame; all the others go as one.
    const tried = trial.seen.slice(0, before).flatMap((one) => one.numbers);
    const sizes = trial.seen.slice(before).map(({ numbers }) => numbers.length);
    expect(sizes.filter((size) => size === 1).length)
      .toBe(new Set(tried).size);
    expect(sizes.filter((size) => size > 1).length).toBe(1);
    expect(trial.dead()).toEqual([]);
    expect(trial.rows.toSorted((a, b) => a - b))
      .toEqual(upTo(600).map((at) => at * 6));
  });
});

test("OutboxEngine delivers each request once to a server that knows tokens, whatever fails after it took them", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          count: fc.integer({ min: 0, max: 5 }),
          waitMs: fc.integer({ min: 0, max: 3000 }),
          ends: fc.constantFrom("well", "killed", "timeout", "away"),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      async (steps) => {
        await withBatches(async (trial) => {
          let next = 0;
          for (const { count, waitMs, ends } of steps) {
            trial.append(Array.from({ length: count }, () => next++));
            trial.afterwards = () => {
              if (ends === "killed") throw new KilledError();
              if (ends === "well") return null;
              return ends === "away" ? failing("away") : TIMEOUT;
            };
            trial.nowMs += waitMs;
            await trial.run().catch((error: unknown) => {
              if (!(error instanceof KilledError)) throw error;
              trial.restart();
            });
          }
          trial.afterwards = () => null;
          await trial.settle(600_000);
          expect(trial.engine.status().items).toBe(0);
          // A batch that timed out MAX_STRIKES times may have been taken apart.
          const struck = steps.filter(({ ends }) => ends === "timeout").length;
          expect(new Set(trial.rows)).toEqual(new Set(upTo(next)));
          if (struck < MAX_STRIKES) expect(trial.rows.length).toBe(next);
          expect(trial.dead()).toEqual([]);
        });
      },
    ),
    { numRuns: 60 },
  );
});
