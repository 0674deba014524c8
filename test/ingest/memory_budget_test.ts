import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  MAX_LEASE_MS,
  MAX_REMEMBERED_TURNS,
  MAX_WAIT_MS,
  MAX_WAITING_PER_OWNER,
  MAX_WAITING_REQUESTS,
  MemoryBudget,
  type MemoryBudgetOptions,
} from "../../src/ingest/memory_budget.ts";

/** A clock that only the test moves; who waits on it wakes when it does. */
class Clock {
  nowMs = 0;
  #sleeping: { untilMs: number; wake: () => void }[] = [];

  budget(options: MemoryBudgetOptions): MemoryBudget {
    return new MemoryBudget({
      ...options,
      now: () => this.nowMs,
      wait: (ms) => this.sleep(ms),
    });
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.#sleeping.push({ untilMs: this.nowMs + ms, wake });
    });
  }

  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (;;) {
      await settled();
      const next = Math.min(...this.#sleeping.map((one) => one.untilMs));
      if (next > untilMs) break;
      this.nowMs = Math.max(this.nowMs, next);
      const awake = this.#sleeping.filter((one) => one.untilMs <= next);
      this.#sleeping = this.#sleeping.filter((one) => one.untilMs > next);
      for (const { wake } of awake) wake();
    }
    this.nowMs = untilMs;
    await settled();
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

test("MemoryBudget leases its capacity, and not one byte more", async () => {
  const clock = new Clock();
  const budget = clock.budget({ capacityBytes: 100 });
  expect(await budget.reserve("a", 60)).not.toBeNull();
  expect(await budget.reserve("a", 40)).not.toBeNull();
  const more = budget.reserve("a", 1);
  await clock.pass(MAX_WAIT_MS);
  expect(await more).toBeNull();
  expect(budget.leasedBytes).toBe(100);
});

test("MemoryBudget lets a request in when another gives its room back", async () => {
  const clock = new Clock();
  const budget = clock.budget({ capacityBytes: 100 });
  const first = await budget.reserve("a", 100);
  const second = budget.reserve("a", 100);
  await clock.pass(MAX_WAIT_MS - 100);
  first?.release();
  first?.release();
  await clock.pass(100);
  expect(await second).not.toBeNull();
  expect(budget.leasedBytes).toBe(100);
});

test("MemoryBudget serves in the order of arrival: the small do not pass the large", async () => {
  const clock = new Clock();
  const budget = clock.budget({ capacityBytes: 100 });
  const first = await budget.reserve("a", 50);
  const order: string[] = [];
  const large = budget.reserve("a", 100).then((lease) => {
    order.push("large");
    return lease;
  });
  const small = budget.reserve("a", 50).then(() => order.push("small"));
  await clock.pass(1000);
  expect(order).toEqual([]);
  first?.release();
  await clock.pass(1000);
  expect(order).toEqual(["large"]);
  (await large)?.release();
  await clock.pass(1000);
  await small;
  expect(order).toEqual(["large", "small"]);
});

test("MemoryBudget keeps an owner to its share, and others do not wait for it", async () => {
  const clock = new Clock();
  const budget = clock.budget({ capacityBytes: 100, ownerBytes: 50 });
  await budget.reserve("a", 50);
  const beyond = budget.reserve("a", 1);
  await clock.pass(100);
  expect(await budget.reserve("b", 50)).not.toBeNull();
  await clock.pass(MAX_WAIT_MS);
  expect(await beyond).toBeNull();
});

test("MemoryBudget counts more than an owner can have as all of it", async () => {
  const budget = new MemoryBudget({ capacityBytes: 100, ownerBytes: 50 });
  expect(await budget.reserve("a", 1000)).not.toBeNull();
  expect(budget.leasedBytes).toBe(50);
});

test("MemoryBudget has MAX_WAITING_REQUESTS wait, and refuses the next at once", async () => {
  const clock = new Clock();
  const budget = clock.budget({ capacityBytes: 100 });
  await budget.reserve("a", 100);
  const waiting = Array.from(
    { length: MAX_WAITING_REQUESTS },
    (_, at) => budget.reserve(`owner ${at % 4}`, 1),
  );
  expect(budget.waiting).toBe(MAX_WAITING_REQUESTS);
  expect(await budget.reserve("a", 1)).toBeNull();
  await clock.pass(MAX_WAIT_MS);
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([null]));
  expect(budget.waiting).toBe(0);
});

test("MemoryBudget takes back what nobody gave back after MAX_LEASE_MS", async () => {
  const clock = new Clock();
  const budget = clock.budget({ capacityBytes: 100 });
  const lost = await budget.reserve("a", 100);
  await clock.pass(MAX_LEASE_MS - 1);
  const early = budget.reserve("a", 100);
  await clock.pass(0);
  expect(budget.waiting).toBe(1);
  await clock.pass(20);
  const lease = await early;
  expect(lease).not.toBeNull();
  // The one that was lost does not give back what another has now.
  lost?.release();
  expect(budget.leasedBytes).toBe(100);
});

test("MemoryBudget never leases more than it has, and serves everybody in the end", async () => {
  const request = fc.record({
    owner: fc.constantFrom("a", "b", "c"),
    bytes: fc.integer({ min: 0, max: 120 }),
    holdMs: fc.integer({ min: 0, max: 400 }),
    atMs: fc.integer({ min: 0, max: 1000 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { maxLength: 12 }),
      async (requests) => {
        const clock = new Clock();
        const budget = clock.budget({ capacityBytes: 100, ownerBytes: 70 });
        const held: { untilMs: number; release: () => void }[] = [];
        let served = 0;
        const left = [...requests];
        async function hold(one: typeof requests[number]): Promise<void> {
          const lease = await budget.reserve(one.owner, one.bytes);
          if (lease === null) return;
          served++;
          const untilMs = clock.nowMs + one.holdMs;
          held.push({ untilMs, release: () => lease.release() });
        }
        while (clock.nowMs < 8000) {
          for (const one of held.filter((h) => h.untilMs <= clock.nowMs)) {
            one.release();
          }
          for (const one of left.filter((r) => r.atMs <= clock.nowMs)) {
            left.splice(left.indexOf(one), 1);
            void hold(one);
          }
          await clock.pass(20);
          expect(budget.leasedBytes).toBeLessThanOrEqual(100);
        }
        // Twelve times 400 ms is less than they wait.
        expect(served).toBe(requests.length);
        expect(budget.leasedBytes).toBe(0);
      },
    ),
    { numRuns: 50 },
  );
});

test("MemoryBudget lets MAX_WAITING_PER_OWNER of an owner wait, and others beside them", async () => {
  const clock = new Clock();
  const budget = clock.budget({ capacityBytes: 100, ownerBytes: 50 });
  await budget.reserve("flood", 50);
  for (let at = 0; at < MAX_WAITING_PER_OWNER; at++) {
    void budget.reserve("flood", 50);
  }
  expect(budget.waiting).toBe(MAX_WAITING_PER_OWNER);
  expect(await budget.reserve("flood", 50)).toBeNull();
  expect(await budget.reserve("honest", 50)).not.toBeNull();
  await clock.pass(MAX_WAIT_MS);
});

test("MemoryBudget lets owners take turns: one does not wait behind all that another has sent", async () => {
  const clock = new Clock();
  const budget = clock.budget({ capacityBytes: 100 });
  const order: string[] = [];
  async function use(owner: string, bytes: number): Promise<void> {
    const lease = await budget.reserve(owner, bytes);
    order.push(owner);
    await clock.sleep(100);
    lease?.release();
  }
  const flood = Array.from({ length: 20 }, () => use("flood", 100));
  await clock.pass(50);
  const honest = [use("honest", 10), use("honest", 10)];
  await clock.pass(MAX_WAIT_MS);
  await Promise.all([...flood, ...honest]);
  // One of the flood's was under way, and one was there first.
  expect(order.slice(0, 4)).toEqual(["flood", "honest", "honest", "flood"]);
});

test("MemoryBudget does not hold against an owner what it had while nobody waited", async () => {
  const clock = new Clock();
  const budget = clock.budget({ capacityBytes: 100 });
  for (let at = 0; at < 50; at++) {
    (await budget.reserve("long here", 100))?.release();
  }
  const order: string[] = [];
  async function use(owner: string): Promise<void> {
    const lease = await budget.reserve(owner, 100);
    order.push(owner);
    await clock.sleep(100);
    lease?.release();
  }
  const flood = Array.from({ length: 20 }, () => use("new"));
  const own = use("long here");
  await clock.pass(MAX_WAIT_MS);
  await Promise.all([...flood, own]);
  expect(order.indexOf("long here")).toBeLessThanOrEqual(2);
});

test.each([
  [MAX_REMEMBERED_TURNS, ["other 2", "a"]],
  [MAX_REMEMBERED_TURNS + 1, ["a", "other 2"]],
])(
  "MemoryBudget remembers the turns of MAX_REMEMBERED_TURNS owners, not of one more: %i",
  async (owners, expected) => {
    const clock = new Clock();
    const budget = clock.budget({ capacityBytes: 100 });
    (await budget.reserve("a", 100))?.release();
    for (let at = 1; at < owners; at++) {
      (await budget.reserve(`other ${at}`, 0))?.release();
    }
    const held = await budget.reserve("other 1", 100);
    const order: string[] = [];
    async function use(owner: string): Promise<void> {
      const lease = await budget.reserve(owner, 100);
      order.push(owner);
      lease?.release();
    }
    const both = [use("a"), use("other 2")];
    held?.release();
    await clock.pass(MAX_WAIT_MS);
    await Promise.all(both);
    expect(order).toEqual(expected);
  },
);
