import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { type Caller, NO_KEY_LIMITS } from "../../src/access/caller.ts";
import { mayPostFor } from "../../src/access/may_post_for.ts";
import {
  admitRequest,
  admitSpans,
  KEY_RATE_PERIOD_S,
  MAX_RATE_BUCKETS,
  RateLimits,
} from "../../src/access/rate_limits.ts";
import { BURST_S, takeTokens } from "../../src/access/token_bucket.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

function caller(limits: Partial<Caller["limits"]>, keyId = "k"): Caller {
  return {
    tenant: "shop",
    keyId,
    operator: false,
    limits: { ...NO_KEY_LIMITS, ...limits },
  };
}

test("takeTokens() lets through n of a burst and not n + 1", () => {
  for (const perSecond of [1, 3, 10]) {
    let bucket;
    let passed = 0;
    for (let asked = 0; asked < 100; asked++) {
      const taking = takeTokens(bucket, { perSecond, amount: 1, nowMs: 5 });
      bucket = taking.bucket;
      if (taking.waitS === 0) passed += 1;
    }
    expect(passed).toBe(perSecond * BURST_S);
  }
});

test("takeTokens() never lets more through than rate, burst and one batch", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 50 }),
    fc.array(fc.record({
      afterMs: fc.integer({ min: 0, max: 3000 }),
      amount: fc.integer({ min: 1, max: 200 }),
    })),
    (perSecond, takings) => {
      let bucket;
      let nowMs = 0;
      let taken = 0;
      for (const { afterMs, amount } of takings) {
        nowMs += afterMs;
        const taking = takeTokens(bucket, { perSecond, amount, nowMs });
        bucket = taking.bucket;
        if (taking.waitS === 0) taken += amount;
      }
      expect(taken)
        .toBeLessThanOrEqual(perSecond * (BURST_S + nowMs / 1000) + 199 + 1e-6);
    },
  ));
});

test("takeTokens() lets through after exactly the wait it names", () => {
  const asked = { perSecond: 4, amount: 30, nowMs: 0 };
  const { bucket } = takeTokens(undefined, asked);
  const { waitS } = takeTokens(bucket, asked);
  expect(waitS).toBe((1 + 30 - 4 * BURST_S) / 4);
  const at = (nowMs: number) => takeTokens(bucket, { ...asked, nowMs }).waitS;
  expect(at(waitS * 1000 - 1)).toBeGreaterThan(0);
  expect(at(waitS * 1000)).toBe(0);
});

test("takeTokens() is not fooled by a clock that goes back", () => {
  const asked = { perSecond: 1, amount: 2, nowMs: 10_000 };
  const { bucket } = takeTokens(undefined, asked);
  expect(takeTokens(bucket, { ...asked, nowMs: 0 }).waitS).toBe(1);
});

test("admitRequest() asks nothing of a key without a rate", async () => {
  const rates = new RateLimits();
  const options = { bindings: {}, nowMs: 0, rates };
  for (let asked = 0; asked < 100; asked++) {
    expect(await admitRequest(caller({}), options)).toBe(null);
  }
  expect(rates.size).toBe(0);
});

test("admitRequest() refuses the one beyond a burst, and no other key", async () => {
  const rates = new RateLimits();
  const options = { bindings: {}, nowMs: 0, rates };
  const limits = { requestsPerSecond: 2 };
  for (let asked = 0; asked < 2 * BURST_S; asked++) {
    expect(await admitRequest(caller(limits), options)).toBe(null);
  }
  const refusal = await admitRequest(caller(limits), options);
  expect(refusal?.retryAfterS).toBe(1);
  expect(refusal?.reason).toContain("2 requests a second");
  expect(await admitRequest(caller(limits, "other"), options)).toBe(null);
  expect(await admitRequest(caller(limits), { ...options, nowMs: 500 }))
    .toBe(null);
});

test("admitRequest() uses ceil(R/10) slots of KEY_RATE in turn", async () => {
  const keys: string[] = [];
  const KEY_RATE = {
    limit({ key }: { key: string }) {
      keys.push(key);
      return Promise.resolve({ success: key !== "k/2" });
    },
  };
  const options = { bindings: { KEY_RATE }, nowMs: 0, rates: new RateLimits() };
  const waits = [];
  for (let asked = 0; asked < 4; asked++) {
    const limited = caller({ requestsPerSecond: 21 });
    waits.push((await admitRequest(limited, options))?.retryAfterS);
  }
  expect(keys).toEqual(["k/0", "k/1", "k/2", "k/0"]);
  expect(waits).toEqual([undefined, undefined, KEY_RATE_PERIOD_S, undefined]);
});

test("admitRequest() goes on where KEY_RATE fails", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const KEY_RATE = { limit: () => Promise.reject(new Error("away")) };
  const options = { bindings: { KEY_RATE }, nowMs: 0, rates: new RateLimits() };
  expect(await admitRequest(caller({ requestsPerSecond: 1 }), options))
    .toBe(null);
  expect(log).toHaveBeenCalledOnce();
});

test("admitSpans() lets a batch larger than a burst through, then waits", () => {
  const rates = new RateLimits();
  const limited = caller({ spansPerSecond: 10 });
  const ask = (spans: number, nowMs: number) =>
    admitSpans(limited, { spans, nowMs, rates });
  expect(ask(0, 0)).toBe(null);
  expect(ask(120, 0)).toBe(null);
  expect(ask(1, 0)?.retryAfterS).toBe(11);
  expect(ask(1, 10_000)?.retryAfterS).toBe(1);
  expect(ask(1, 10_100)).toBe(null);
  expect(admitSpans(caller({}), { spans: 1e9, nowMs: 0, rates })).toBe(null);
});

test("RateLimits keeps MAX_RATE_BUCKETS, and lets go of the idlest", () => {
  const rates = new RateLimits();
  const taken = { perSecond: 1, amount: BURST_S, nowMs: 0 };
  for (let key = 0; key < MAX_RATE_BUCKETS; key++) rates.take(`${key}`, taken);
  expect(rates.size).toBe(MAX_RATE_BUCKETS);
  expect(rates.take("0", taken)).toBeGreaterThan(0);
  rates.take("new", taken);
  expect(rates.size).toBe(MAX_RATE_BUCKETS);
  expect(rates.take("0", taken)).toBeGreaterThan(0);
  expect(rates.take("1", taken)).toBe(0);
});

test.each([
  [null, "anything", true],
  [[], "cart", false],
  [["cart"], "cart", true],
  [["cart"], "cart-2", false],
  [["cart"], "Cart", false],
  [["page-*"], "page-", true],
  [["page-*"], "page", false],
  [["a", "*"], "anything", true],
  [["a*b"], "axb", false],
])("mayPostFor() of %j and %s is %s", (services, name, allowed) => {
  expect(mayPostFor({ services }, name)).toBe(allowed);
});
