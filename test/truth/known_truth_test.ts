import fc from "fast-check";
import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import {
  knownTruth,
  minutesOf,
  nearestRank,
  trafficOfMinute,
} from "./known_truth.ts";
import { shopTraffic } from "./shop_traffic.ts";

test("nearestRank() is the smallest value that the share does not exceed", () => {
  fc.assert(fc.property(
    fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1 }),
    fc.constantFrom(0, 0.5, 0.95, 0.99, 1),
    (values, q) => {
      const rank = nearestRank(values, q);
      const within = values.filter((value) => value <= rank).length;
      const below = values.filter((value) => value < rank).length;
      expect(values).toContain(rank);
      expect(within).toBeGreaterThanOrEqual(q * values.length - 1e-9);
      if (below > 0) expect(below).toBeLessThan(q * values.length + 1e-9);
    },
  ));
});

test("trafficOfMinute() cuts the traffic without loss", () => {
  const nowMs = 1_790_000_000_000;
  const all = shopTraffic(new SeededRandom(3), { nowMs, spans: 2_000 });
  const parts = minutesOf(all).map((minute) => trafficOfMinute(all, minute));
  expect(parts.length).toBeGreaterThan(1);
  for (const list of ["spans", "requests", "unpaired"] as const) {
    expect(parts.flatMap((part) => part[list] as unknown[])).toHaveLength(
      all[list].length,
    );
  }
});

test("knownTruth() counts every span in its service, and every request once", () => {
  const nowMs = 1_790_000_000_000;
  const traffic = shopTraffic(new SeededRandom(4), { nowMs, spans: 2_000 });
  const truth = knownTruth(traffic);
  const services = [...truth.services.values()];
  const edges = [...truth.edges.values()];
  expect(services.reduce((sum, { spans }) => sum + spans, 0)).toBe(2_000);
  expect(edges.reduce((sum, { count }) => sum + count, 0))
    .toBe(traffic.requests.length);
  expect(edges.every(({ count, latencies }) => count === latencies.length))
    .toBe(true);
});
