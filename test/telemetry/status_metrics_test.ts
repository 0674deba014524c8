import { expect, test } from "vitest";
import { newOutboxState } from "../../src/outbox/outbox_state.ts";
import { outboxAnswer } from "../../src/query/outbox_answer.ts";
import { status, type StatusSource } from "../../src/query/status.ts";
import { readSettings } from "../../src/settings.ts";
import { COUNTERS } from "../../src/telemetry/counters.ts";
import { exposition } from "../../src/telemetry/exposition.ts";
import { statusMetrics } from "../../src/telemetry/status_metrics.ts";
import { parseExposition } from "./parse_exposition.ts";

const NOW_MS = Date.parse("2026-11-22T12:00:00Z");

const SOURCE: StatusSource = {
  nowMs: NOW_MS,
  startedMs: NOW_MS,
  settings: readSettings({ MAX_BODY_BYTES: "1000" }),
  services: 12,
  counters: [
    { counter: "requests", reason: "200", amount: 7 },
    { counter: "requests", reason: "413", amount: 1 },
    { counter: "accepted_spans", reason: "", amount: 40 },
  ],
  openAnomalies: 2,
  resourceGraph: null,
  outbox: [
    outboxAnswer({
      ...newOutboxState(),
      items: 3,
      bytes: 900,
      oldestMs: NOW_MS - 2000,
      failed: { "503": 4 },
    }, {
      target: "tempo",
      configured: true,
      limits: readSettings({}).outbox,
      nowMs: NOW_MS,
    }),
    { target: "backup", configured: true, reachable: false },
  ],
  epochs: [{ shards: 2, sinceMs: NOW_MS - 60_000 }],
  shards: [{
    spans: 100,
    hotTraces: 2,
    hotSpans: 9,
    waitingHalves: 1,
    halvesExpiredEarly: 2,
    journalBytes: 512,
    segments: 3,
    oldestSegmentMs: NOW_MS - 60_000,
    undeliveredBytes: 77,
    oldestUndeliveredMs: NOW_MS - 1500,
    traces: {
      freshSpans: 5,
      freshBytes: 500,
      keptTraces: 7,
      keptBytes: 700,
      batches: 1,
      oldestBatchMs: NOW_MS - 60_000,
      lateSpans: 2,
      longSpans: 1,
      crowdedSpans: 4,
      sampledOut: 3,
    },
  }, null],
};

function read(source: StatusSource): Map<string, Record<string, number>> {
  const text = exposition(statusMetrics(status(source)), "text");
  return new Map(
    Array.from(parseExposition(text, "text"), ([name, { samples }]) => [
      name,
      Object.fromEntries(samples),
    ]),
  );
}

test("statusMetrics() shows the figures of the status", () => {
  const metrics = read(SOURCE);
  const shard = '{"shard":"0"}';
  expect(metrics.get("tracecore_shard_up"))
    .toEqual({ [shard]: 1, '{"shard":"1"}': 0 });
  const figures = {
    spans_total: 100,
    hot_traces: 2,
    hot_spans: 9,
    waiting_halves: 1,
    halves_expired_early_total: 2,
    journal_bytes: 512,
    segments: 3,
    undelivered_bytes: 77,
    lag_seconds: 1.5,
    remembered_since_seconds: NOW_MS / 1000 - 60,
  };
  for (const [name, value] of Object.entries(figures)) {
    expect([name, metrics.get(`tracecore_shard_${name}`)])
      .toEqual([name, { [shard]: value }]);
  }
  expect(metrics.get("tracecore_outbox_up"))
    .toEqual({ '{"target":"tempo"}': 1, '{"target":"backup"}': 0 });
  expect(metrics.get("tracecore_outbox_items"))
    .toEqual({ '{"target":"tempo"}': 3 });
  expect(metrics.get("tracecore_outbox_lag_seconds"))
    .toEqual({ '{"target":"tempo"}': 2 });
  expect(metrics.get("tracecore_outbox_failures_total"))
    .toEqual({ '{"target":"tempo","reason":"503"}': 4 });
  expect(metrics.get("tracecore_services")).toEqual({ "{}": 12 });
  expect(metrics.get("tracecore_counters_up")).toEqual({ "{}": 1 });
});

test("statusMetrics() has every limit of the status, durations in seconds", () => {
  const { limits } = status(SOURCE);
  const shown = read(SOURCE).get("tracecore_limit") ?? {};
  expect(Object.keys(shown).length).toBe(Object.keys(limits).length);
  expect(shown['{"name":"body_bytes"}']).toBe(1000);
  expect(shown['{"name":"pair_wait_seconds"}']).toBe(10);
  expect(shown['{"name":"late_seconds"}']).toBe(86_400);
});

test("statusMetrics() counts by reason, and from zero where there is none", () => {
  const metrics = read(SOURCE);
  expect(metrics.get("tracecore_requests_total"))
    .toEqual({ '{"status":"200"}': 7, '{"status":"413"}': 1 });
  expect(metrics.get("tracecore_accepted_spans_total")).toEqual({ "{}": 40 });
  expect(metrics.get("tracecore_outbox_stored_total")).toEqual({ "{}": 0 });
  expect(metrics.has("tracecore_rejected_spans_total")).toBe(false);
});

test("statusMetrics() says that counters could not be read, and shows no zero", () => {
  const metrics = read({ ...SOURCE, counters: null });
  expect(metrics.get("tracecore_counters_up")).toEqual({ "{}": 0 });
  for (const name of Object.keys(COUNTERS)) {
    expect(metrics.has(`tracecore_${name}_total`)).toBe(false);
  }
});
