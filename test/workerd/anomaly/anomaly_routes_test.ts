import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import {
  anomalyAnswerSchema,
  anomalyListSchema,
} from "../../../src/anomaly/anomaly_answer.ts";
import { MAX_ANOMALY_LIMIT } from "../../../src/anomaly/anomaly_limits.ts";
import { writeAnomaly } from "../../../src/anomaly/anomaly_store.ts";
import { ask, storedKey } from "../access/closed_service.ts";
import { anomalyOf, NOW_MS } from "./anomaly_of.ts";

const ANOMALIES = "/api/v1/anomalies";

async function idsOf(query: string, key: string): Promise<readonly string[]> {
  const answer = await ask(`${ANOMALIES}?${query}`, { key });
  expect(answer.status).toBe(200);
  return anomalyListSchema.parse(await answer.json()).anomalies
    .map(({ id }) => id);
}

test("anomalies are listed, filtered, paged and looked up", async () => {
  const { text: key } = await storedKey({ tenant: "list", scope: "read" });
  const startedMs = NOW_MS - 600_000;
  const all = [
    anomalyOf("a"),
    anomalyOf("b", {
      startedMs: startedMs + 60_000,
      endedMs: startedMs + 300_000,
      endReason: "calm",
      metric: "error_rate",
      edge: null,
    }),
    anomalyOf("c", { service: "web", startedMs: startedMs - 60_000 }),
    anomalyOf("rate", { metric: "request_rate", raisedMs: null }),
  ];
  for (const anomaly of all) {
    await writeAnomaly(
      env.DB,
      { anomaly, candidates: anomaly.id === "a" ? [] : null },
      { tenant: "list", nowMs: NOW_MS },
    );
  }
  const one = await ask(`${ANOMALIES}/a`, { key });
  expect(anomalyAnswerSchema.parse(await one.json())).toEqual({
    id: "a",
    service: "shop/cart",
    edge: { from: "shop/cart", to: "stock", connection_type: "" },
    metric: "latency_p95",
    severity: "high",
    state: "open",
    started_at: "2026-01-31T14:30:00.000Z",
    raised_at: "2026-01-31T14:35:00.000Z",
    ended_at: null,
    end_reason: null,
    baseline: 120e6,
    baseline_source: "day",
    observed: 450e6,
    evidence: [{
      minute: "2026-01-31T14:30:00.000Z",
      value: 450e6,
      baseline: 120e6,
    }],
    sample_traces: ["4bf92f3577b34da6a3ce929d0e0e4736"],
    candidates: [],
  });
  expect(await idsOf("", key)).toEqual(["b", "a", "c"]);
  expect(await idsOf("metric=request_rate", key)).toEqual(["rate"]);
  expect(await idsOf("metric=error_rate", key)).toEqual(["b"]);
  expect(await idsOf("state=open", key)).toEqual(["a", "c"]);
  expect(await idsOf("state=ended", key)).toEqual(["b"]);
  expect(await idsOf("state=all", key)).toEqual(["b", "a", "c"]);
  expect(await idsOf("service=cart", key)).toEqual(["b", "a"]);
  expect(await idsOf("service=shop%2Fcart", key)).toEqual(["b", "a"]);
  expect(await idsOf("end=2026-01-31T14:30:00Z", key)).toEqual(["c"]);
  expect(await idsOf("start=2026-01-31T14:35:00Z", key)).toEqual(["a", "c"]);
  const first = await ask(`${ANOMALIES}?limit=2`, { key });
  const { next_cursor: cursor } = anomalyListSchema.parse(await first.json());
  expect(await idsOf(`limit=2&cursor=${encodeURIComponent(cursor ?? "")}`, key))
    .toEqual(["c"]);
  expect(await idsOf(`limit=${MAX_ANOMALY_LIMIT}`, key)).toHaveLength(3);
  const status = await ask("/api/v1/status", { key });
  expect(await status.json()).toMatchObject({ open_anomalies: 2 });

  const { text: other } = await storedKey({ tenant: "else", scope: "read" });
  expect(await idsOf("", other)).toEqual([]);
  const stranger = await ask(`${ANOMALIES}/a`, { key: other });
  expect(stranger.status).toBe(404);
  expect((await ask(`${ANOMALIES}/a?x=1`, { key })).status).toBe(400);
});

test.each([
  [`limit=${MAX_ANOMALY_LIMIT + 1}`, "limit"],
  ["limit=0", "limit"],
  ["cursor=next", "cursor"],
  ["metric=speed", "metric"],
  ["state=closed", "state"],
  ["service=", "service"],
  ["start=never", "start"],
  ["start=5m&end=10m", "end"],
  ["edge=a", "edge"],
])("wrong parameters of the list are named: %s", async (query, parameter) => {
  const { text: key } = await storedKey({ tenant: "wrong", scope: "read" });
  const answer = await ask(`${ANOMALIES}?${query}`, { key });
  expect(answer.status).toBe(400);
  const { details } = await answer.json<{ details: { parameter: string }[] }>();
  expect(details.map(({ parameter: name }) => name)).toEqual([parameter]);
});
