import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { SeededRandom } from "../../../src/local/seeded_random.ts";
import {
  type Drift,
  DRIFT_TYPES,
  SEVERITIES,
} from "../../../src/drift/drift.ts";
import type { DriftFilter } from "../../../src/drift/drift_filter.ts";
import { MAX_DRIFTS } from "../../../src/drift/drift_limits.ts";
import {
  listDrifts,
  readDrift,
  writeDrifts,
} from "../../../src/drift/drift_store.ts";
import { sameResource } from "../../../src/resources/resource_identity.ts";

const RESOURCES = [
  "sg-1",
  "aws:sg:sg-1",
  "arn:aws:ec2:eu-west-1:1:security-group/sg-1",
  "aws:rds:orders",
  "aws:lambda:orders",
  "orders",
];

function drift(id: string, fields: Partial<Drift> = {}): Drift {
  return {
    id,
    resourceId: "sg-1",
    resourceType: "security_group",
    type: "modified",
    severity: "medium",
    timeMs: 1000,
    source: "deepdrift",
    rootCause: null,
    impactedResources: [],
    before: null,
    after: { 'a"b': ["\u2028", 1] },
    diff: null,
    metadata: {},
    truncated: [],
    ...fields,
  };
}

function randomDrifts(count: number, seed: number): Drift[] {
  const random = new SeededRandom(seed);
  function oneOf<T>(values: readonly T[]): T {
    const value = values[random.below(values.length)];
    if (value === undefined) throw new Error("none");
    return value;
  }
  return Array.from({ length: count }, (_, at) =>
    drift(`drift-${at}`, {
      resourceId: oneOf(RESOURCES),
      type: oneOf(DRIFT_TYPES),
      severity: oneOf(SEVERITIES),
      // Many at the same time: the id decides then.
      timeMs: 1000 + random.below(20),
    }));
}

function matches(one: Drift, filter: DriftFilter): boolean {
  const { resourceId, type, severity, startMs = 0, endMs = Infinity } = filter;
  return (resourceId === undefined ||
    sameResource(one.resourceId, resourceId)) &&
    (type === undefined || one.type === type) &&
    (severity === undefined || one.severity === severity) &&
    one.timeMs >= startMs && one.timeMs < endMs;
}

test("listDrifts() pages through what a brute force finds, the newest first", async () => {
  const drifts = randomDrifts(300, 7);
  expect((await writeDrifts(env.DB, "paged", drifts)).size).toBe(300);
  await writeDrifts(env.DB, "other", [drift("another's")]);
  const filters: DriftFilter[] = [
    {},
    ...RESOURCES.map((resourceId) => ({ resourceId })),
    { type: "deleted" },
    { severity: "high", startMs: 1005, endMs: 1015 },
    { resourceId: "sg-1", type: "created" },
    { resourceId: "nothing" },
  ];
  for (const filter of filters) {
    const expected = drifts.filter((one) => matches(one, filter))
      .toSorted((a, b) => b.timeMs - a.timeMs || (a.id < b.id ? 1 : -1));
    const found: Drift[] = [];
    for (;;) {
      const after = found.at(-1);
      const page = await listDrifts(env.DB, "paged", {
        filter: after === undefined ? filter : { ...filter, after },
        limit: 17,
      });
      found.push(...page);
      if (page.length < 17) break;
    }
    expect(found).toEqual(expected);
  }
});

test("writeDrifts() takes the same event twice for one, and the last word on it", async () => {
  const [first, second] = [drift("a"), drift("b")];
  expect([...await writeDrifts(env.DB, "twice", [first, first])]).toEqual([
    "a",
  ]);
  const changed = drift("a", { severity: "high", timeMs: 2000 });
  expect([...await writeDrifts(env.DB, "twice", [changed, second])]).toEqual([
    "b",
  ]);
  expect(await readDrift(env.DB, "twice", "a")).toEqual(changed);
  expect(await readDrift(env.DB, "other", "a")).toBe(null);
  const all = await listDrifts(env.DB, "twice", { filter: {}, limit: 10 });
  expect(all).toEqual([changed, second]);
});

test("writeDrifts() keeps MAX_DRIFTS events of each tenant, the newest", async () => {
  await writeDrifts(env.DB, "other", [drift("another's", { timeMs: 1 })]);
  const many = Array.from(
    { length: MAX_DRIFTS },
    (_, at) => drift(`d${String(at).padStart(5, "0")}`, { timeMs: 10 + at }),
  );
  await writeDrifts(env.DB, "full", many);
  expect(await readDrift(env.DB, "full", "d00000")).not.toBe(null);
  await writeDrifts(env.DB, "full", [drift("newer", { timeMs: 1e6 })]);
  expect(await readDrift(env.DB, "full", "d00000")).toBe(null);
  expect(await readDrift(env.DB, "full", "d00001")).not.toBe(null);
  expect(await readDrift(env.DB, "full", "newer")).not.toBe(null);
  await writeDrifts(env.DB, "full", [drift("older", { timeMs: 1 })]);
  expect(await readDrift(env.DB, "full", "older")).toBe(null);
  expect(await readDrift(env.DB, "other", "another's")).not.toBe(null);
});
