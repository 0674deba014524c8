import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  driftReportSchema,
} from "../../src/correlation_report/drift_report_schema.ts";
import { incidentReportSchema } from "../../src/correlation_report/incident_schema.ts";
import { type Service, startService } from "../harness/service.ts";
import { runTracecore } from "../harness/tracecore_command.ts";
import {
  REQUESTS_PER_MINUTE,
  STORY_GRAPH,
  storyRequests,
} from "../correlation/outage_story.ts";

const MS_PER_MINUTE = 60_000;
const NOW_MINUTE_MS = Math.floor(Date.now() / MS_PER_MINUTE) * MS_PER_MINUTE;
const CHANGE_MS = NOW_MINUTE_MS - 61 * MS_PER_MINUTE;
const TIMES = {
  startMs: CHANGE_MS - 13 * 60 * MS_PER_MINUTE,
  changeMs: CHANGE_MS,
  endMs: CHANGE_MS + 60 * MS_PER_MINUTE,
};
const json = { "content-type": "application/json" };

let service: Service;

async function send(path: string, method: string, body: object) {
  const response = await fetch(service.url + path, {
    method,
    headers: json,
    body: JSON.stringify(body),
  });
  expect([response.status, await response.text()])
    .toEqual([expect.toSatisfy((status) => status < 300), expect.anything()]);
}

async function answer(path: string): Promise<unknown> {
  const response = await fetch(service.url + path);
  const text = await response.text();
  expect([response.status, text.slice(0, 500)])
    .toEqual([200, expect.any(String)]);
  return JSON.parse(text);
}

function change(id: string, resourceId: string) {
  return {
    id,
    resource_id: resourceId,
    resource_type: "security_group",
    type: "modified",
    severity: "high",
    timestamp: new Date(CHANGE_MS).toISOString(),
  };
}

beforeAll(async () => {
  service = await startService();
  await send("/api/v1/resources", "PUT", STORY_GRAPH);
  const requests = storyRequests(TIMES);
  async function sendNext(): Promise<void> {
    for (const request of requests) await send("/v1/traces", "POST", request);
  }
  await Promise.all([sendNext(), sendNext(), sendNext(), sendNext()]);
  await send("/api/v1/drift-events", "POST", [
    change("sg-closed", "sg-123456"),
    change("innocent", "aws:sg:sg-999999"),
  ]);
  const hour = `start=${TIMES.changeMs}&end=${TIMES.endMs}`;
  await vi.waitFor(async () => {
    const detail = await answer(`/api/v1/services/api?${hour}`);
    expect(detail).toMatchObject({
      request_count: 60 * REQUESTS_PER_MINUTE,
    });
  }, { timeout: 60_000, interval: 1000 });
}, 180_000);
afterAll(() => service.stop());

test("a report names the change, the service, before and after, and traces that show it", async () => {
  const report = driftReportSchema.parse(
    await answer("/api/v1/correlation/drift/sg-123456?window=1h"),
  );
  expect(report).toMatchObject({
    drift_event: { id: "sg-closed" },
    verdict: "caused",
    competing_events: [],
  });
  const api = report.affected_services.find((one) =>
    one.service_name === "api"
  );
  expect(api).toMatchObject({
    role: "critical_failure",
    path: [
      "aws:sg:sg-123456",
      "aws:rds:rds-prod-01",
      expect.any(String),
      "api",
    ],
  });
  const { latency, error_rate: errors, onset } = api ??
    expect.unreachable();
  expect(latency.before / 120e6).toBeCloseTo(1, 1);
  expect(latency.after / 450e6).toBeCloseTo(1, 1);
  expect(errors.before).toBeCloseTo(0.001, 3);
  expect(errors.after).toBeCloseTo(0.023, 3);
  expect(Math.abs(Date.parse(onset ?? "") - CHANGE_MS))
    .toBeLessThanOrEqual(MS_PER_MINUTE);
  expect(api?.sample_trace_details[0]).toMatchObject({
    error: "connection timeout",
  });
  const trace = await answer(`/api/v1/traces/${api?.sample_traces[0]}`);
  expect(trace).toMatchObject({ has_error: true });
  const text = await fetch(
    `${service.url}/api/v1/correlation/drift/sg-closed?format=text`,
  );
  const printed = await runTracecore(
    ["correlate", "--drift-event", "sg-123456", "--window", "1h"],
    { TRACECORE_URL: service.url },
  );
  expect(printed).toMatchObject({ code: 0, stdout: await text.text() });
  expect(printed.stdout).toMatch(
    new RegExp(
      "^Correlation Report:\n" +
        "- Drift Event: sg-123456 \\(security group modified\\)\n" +
        "- Time: \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC\n" +
        "- Affected Service: api\n\n" +
        "Performance Impact:\n" +
        "- Before change: p95 latency = 1[12]\\d(\\.\\d+)?ms\n" +
        "- After change: p95 latency = 4[45]\\d(\\.\\d+)?ms\n" +
        "- Error rate increase: 0\\.1% → 2\\.3%\n\n" +
        "Sample Traces:\n" +
        "- [0-9a-f]{32} \\(\\d+(\\.\\d+)?m?s, error: connection timeout\\)\n",
    ),
  );
});

test("a change that touches nothing of it is not blamed, and reports are listed", async () => {
  const innocent = driftReportSchema.parse(
    await answer("/api/v1/correlation/drift/innocent"),
  );
  expect(innocent.verdict).toBe("not_enough_data");
  expect(innocent.reasons.join(" ")).toContain("No service is known");
  const caused = await answer("/api/v1/correlations?verdict=caused");
  expect(caused).toMatchObject({
    count: 1,
    correlations: [{ drift_event: { id: "sg-closed" } }],
  });
});

test("an incident of the page's service names the change, and what broke", async () => {
  const incident = incidentReportSchema.parse(
    await answer(
      `/api/v1/correlation/incident?service=web&start=${
        CHANGE_MS + 5 * MS_PER_MINUTE
      }&end=${CHANGE_MS + 40 * MS_PER_MINUTE}`,
    ),
  );
  expect(incident.root_service).toContain("rds-prod-01");
  expect(incident.candidates.map(({ drift_event: { id }, linked }) => [
    id,
    linked,
  ])).toEqual([["sg-closed", true], ["innocent", false]]);
  expect(incident.candidates[0]?.score).toBeGreaterThan(0.5);
});
