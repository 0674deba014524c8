import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Anomaly, Candidate } from "../../../src/anomaly/anomaly.ts";
import {
  ANOMALY_KEPT_MS,
  MAX_ANOMALIES,
} from "../../../src/anomaly/anomaly_limits.ts";
import {
  countOpenAnomalies,
  listAnomalies,
  readAnomaly,
  writeAnomaly,
} from "../../../src/anomaly/anomaly_store.ts";
import { anomalyOf, NOW_MS } from "./anomaly_of.ts";

const CANDIDATE: Candidate = {
  driftEvent: "drift-1",
  score: 0.9,
  rank: 1,
  path: ["sg-1", "cart"],
  lagMs: 60_000,
  reasons: ["It came a minute before."],
};

function write(
  tenant: string,
  anomaly: Anomaly,
  candidates: readonly Candidate[] | null = null,
): Promise<void> {
  const stored = { anomaly, candidates };
  return writeAnomaly(env.DB, stored, { tenant, nowMs: NOW_MS });
}

async function idsOf(tenant: string): Promise<readonly string[]> {
  const found = await listAnomalies(env.DB, tenant, { filter: {}, limit: 9 });
  return found.map(({ anomaly }) => anomaly.id);
}

test("writeAnomaly() is idempotent, keeps candidates, and ignores what is overtaken", async () => {
  const first = anomalyOf("a");
  await write("t1", first, [CANDIDATE]);
  await write("t1", first);
  const ended: Anomaly = {
    ...first,
    endedMs: NOW_MS,
    endReason: "calm",
    severity: "critical",
    revision: 2,
  };
  expect(await countOpenAnomalies(env.DB, "t1")).toBe(1);
  await write("t1", ended);
  await write("t1", first, []);
  expect(await readAnomaly(env.DB, "t1", "a"))
    .toEqual({ anomaly: ended, candidates: [CANDIDATE] });
  expect(await countOpenAnomalies(env.DB, "t1")).toBe(0);
  expect(await readAnomaly(env.DB, "t2", "a")).toBe(null);
  expect(await idsOf("t1")).toEqual(["a"]);
  expect(await idsOf("t2")).toEqual([]);
});

test("writeAnomaly() deletes what is older than ANOMALY_KEPT_MS", async () => {
  const startedMs = NOW_MS - ANOMALY_KEPT_MS;
  await write("old", anomalyOf("kept", { startedMs }));
  await write("old", anomalyOf("gone", { startedMs: startedMs - 1 }));
  await write("old", anomalyOf("new"));
  expect(await idsOf("old")).toEqual(["new", "kept"]);
});

test("writeAnomaly() keeps MAX_ANOMALIES, and as many recorded ones", async () => {
  const rows = (ids: string, raisedMs: number | null, from: number) =>
    env.DB.prepare(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
        WHERE i < ?1)
      INSERT INTO anomaly SELECT 'full', ?2 || i, 'cart', 'cart', '',
        'error_rate', 'high', ?3 + i, ?4, NULL, 1, '{}', NULL FROM n`)
      .bind(MAX_ANOMALIES, ids, from, raisedMs);
  await env.DB.batch([
    rows("raised", NOW_MS, NOW_MS - 100_000),
    rows("recorded", null, NOW_MS - 200_000),
  ]);
  await write(
    "full",
    anomalyOf("raised1", {
      startedMs: NOW_MS - 100_000 + 1,
      revision: 2,
    }),
  );
  const count = async () =>
    (await env.DB.prepare(
      "SELECT count(*) AS n FROM anomaly WHERE tenant = 'full'",
    ).first<{ n: number }>())?.n;
  expect(await count()).toBe(2 * MAX_ANOMALIES);
  await write("full", anomalyOf("one more", { startedMs: NOW_MS }));
  expect(await count()).toBe(2 * MAX_ANOMALIES);
  expect(await readAnomaly(env.DB, "full", "raised1")).toBe(null);
  expect(await readAnomaly(env.DB, "full", "recorded1")).not.toBe(null);
});
