import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  type EngineExport,
  engineExportSchema,
} from "../../src/airdig/engine_export.ts";
import {
  type AlertMessage,
  alertMessageSchema,
} from "../../src/alerts/alert_message.ts";
import { serviceMapSchema } from "../../src/query/service_map.ts";
import { HttpSink, type SunkRequest } from "../harness/http_sink.ts";
import { type Service, startService } from "../harness/service.ts";
import { DATABASE_HOST, STORY_GRAPH } from "../correlation/outage_story.ts";

const MS_PER_MINUTE = 60_000;
const MINUTES = 90;
/** Minutes in which most requests fail, for less than an anomaly's end. */
const FAILING = { from: 72, to: 80 };
const REQUESTS = 40;
const WEBHOOK_SECRET = "a-secret-of-the-webhook";
const START_MS = (Math.floor(Date.now() / MS_PER_MINUTE) - MINUTES - 3) *
  MS_PER_MINUTE;
const CHANGE_MS = START_MS + FAILING.from * MS_PER_MINUTE;
const json = { "content-type": "application/json" };

let engine: HttpSink;
let webhook: HttpSink;
let slack: HttpSink;
let service: Service;

function hex(length: number, ...numbers: readonly number[]): string {
  return numbers.map((one) => one.toString(16).padStart(4, "0")).join("")
    .padStart(length, "a");
}

/** A minute: web is asked, and asks the database. */
function minuteOf(minute: number): object {
  const failing = minute >= FAILING.from && minute < FAILING.to;
  const spans = Array.from({ length: REQUESTS }, (_, at) => {
    const endMs = START_MS + minute * MS_PER_MINUTE +
      Math.floor((at + 1) * MS_PER_MINUTE / (REQUESTS + 1));
    const failed = failing && at % 4 > 0;
    const traceId = hex(32, minute, at);
    const common = { traceId, status: failed ? { code: 2 } : {} };
    return [{
      ...common,
      spanId: hex(16, minute, at, 1),
      name: "GET /cart",
      kind: 2,
      startTimeUnixNano: `${endMs - 100 - at}000000`,
      endTimeUnixNano: `${endMs}000000`,
    }, {
      ...common,
      spanId: hex(16, minute, at, 2),
      parentSpanId: hex(16, minute, at, 1),
      name: "SELECT",
      kind: 3,
      startTimeUnixNano: `${endMs - 60 - at}000000`,
      endTimeUnixNano: `${endMs - 10}000000`,
      attributes: [
        { key: "db.system", value: { stringValue: "postgresql" } },
        { key: "server.address", value: { stringValue: DATABASE_HOST } },
      ],
    }];
  }).flat();
  return {
    resourceSpans: [{
      resource: {
        attributes: [
          { key: "service.name", value: { stringValue: "api" } },
          { key: "host.id", value: { stringValue: "i-api" } },
        ],
      },
      scopeSpans: [{ spans }],
    }],
  };
}

async function send(path: string, method: string, body: object) {
  const response = await fetch(service.url + path, {
    method,
    headers: json,
    body: JSON.stringify(body),
  });
  expect([response.status, await response.text()])
    .toEqual([expect.toSatisfy((status) => status < 300), expect.anything()]);
}

function environment() {
  return {
    ENGINE_URL: `${engine.url}/traces`,
    ENGINE_API_KEY: "the-engines-key",
    WEBHOOK_URL: `${webhook.url}/alerts?to=us`,
    WEBHOOK_SECRET,
    SLACK_WEBHOOK_URL: `${slack.url}/services/T/B/x`,
  };
}

beforeAll(async () => {
  [engine, webhook, slack] = await Promise.all([
    HttpSink.start(),
    HttpSink.start(),
    HttpSink.start(),
  ]);
  // Down, until the service was killed and started again.
  engine.answer = 503;
  service = await startService({ env: environment() });
  await send("/api/v1/resources", "PUT", STORY_GRAPH);
  await send("/api/v1/drift-events", "POST", {
    id: "closed",
    resource_id: "sg-123456",
    resource_type: "security_group",
    type: "modified",
    timestamp: new Date(CHANGE_MS).toISOString(),
  });
  for (let minute = 0; minute < MINUTES; minute++) {
    await send("/v1/traces", "POST", minuteOf(minute));
  }
}, 120_000);
afterAll(async () => {
  await service.stop();
  await Promise.all([engine.stop(), webhook.stop(), slack.stop()]);
});

function textOf({ body }: SunkRequest): string {
  return new TextDecoder().decode(body);
}

/** By `Idempotency-Key`; a key that comes twice has to come with one body. */
function byKey(requests: readonly SunkRequest[]): Map<string, string> {
  const bodies = new Map<string, string>();
  for (const request of requests) {
    const key = String(request.headers["idempotency-key"]);
    const known = bodies.get(key);
    if (known !== undefined) expect(textOf(request)).toBe(known);
    bodies.set(key, textOf(request));
  }
  return bodies;
}

test(
  "a webhook gets each anomaly, raised and ended, signed, with the change behind it; Slack gets it in its form",
  async () => {
    const messages = await vi.waitFor(() => {
      const found = [...byKey(webhook.taken).values()]
        .map((text): AlertMessage => alertMessageSchema.parse(JSON.parse(text)))
        .filter(({ anomaly }) =>
          anomaly.metric === "error_rate" && anomaly.edge === null
        );
      expect(found.map(({ type }) => type))
        .toEqual(["anomaly.raised", "anomaly.ended"]);
      return found;
    }, { timeout: 90_000, interval: 250 });
    expect(messages[0]).toMatchObject({
      tenant: "default",
      text: expect.stringMatching(
        /^api: error rate 0(\.\d+)?% → 75% since \d\d:\d\d UTC$/,
      ),
      anomaly: {
        service: "api",
        candidates: [{
          drift_event: "closed",
          path: expect.arrayContaining([
            "aws:sg:sg-123456",
            "aws:rds:rds-prod-01",
          ]),
        }],
      },
    });
    for (const { headers, body, path } of webhook.requests) {
      expect(path).toBe("/alerts?to=us");
      const hmac = createHmac("sha256", WEBHOOK_SECRET).update(body);
      expect(headers["x-tracecore-signature-256"])
        .toBe(`sha256=${hmac.digest("hex")}`);
    }
    await vi.waitFor(() => {
      const texts = slack.taken.map((request) =>
        (JSON.parse(textOf(request)) as { text: string }).text
      );
      expect(texts).toEqual(
        expect.arrayContaining(messages.map(({ text }) => text)),
      );
    }, { timeout: 30_000 });
    expect(slack.requests.map(textOf).join()).toContain("`closed`");
    expect(slack.requests[0]?.headers).toMatchObject(json);
  },
  120_000,
);

test(
  "AirDig's Engine gets each closed minute of the map once, though it was away and the service was killed meanwhile",
  async () => {
    await engine.received(1, { timeoutMs: 60_000 });
    const { dataFolder } = service;
    await service.kill();
    engine.answer = 200;
    service = await startService({ env: environment(), dataFolder });
    const starts = Array.from(
      { length: MINUTES },
      (_, minute) => new Date(START_MS + minute * MS_PER_MINUTE).toISOString(),
    );
    const exports = await vi.waitFor(() => {
      const found = [...byKey(engine.taken).values()]
        .map((text): EngineExport =>
          engineExportSchema.parse(JSON.parse(text))
        );
      expect(found.map((one) => one.window_start)).toEqual(starts);
      return found;
    }, { timeout: 90_000, interval: 250 });
    for (const { path, headers } of engine.requests) {
      expect(path).toBe("/traces");
      expect(headers).toMatchObject({
        ...json,
        authorization: "Bearer the-engines-key",
      });
    }
    for (const minute of [0, FAILING.from, MINUTES - 1]) {
      const exported = exports[minute] ?? expect.unreachable();
      const { window_start: start, window_end: end } = exported;
      const answer = await fetch(
        `${service.url}/api/v1/servicemap?start=${start}&end=${end}`,
      );
      const map = serviceMapSchema.parse(await answer.json());
      expect(exported.nodes).toEqual(map.nodes);
      expect(exported.edges).toEqual(map.edges.map((edge) => ({
        from: edge.from,
        to: edge.to,
        from_id: edge.from_id,
        to_id: edge.to_id,
        latency: edge.latency,
        error_rate: edge.error_rate,
        request_rate: edge.request_rate,
        trace_ids: edge.sample_traces,
        timestamp: end,
      })));
      const links = exported.links.map((link) => [
        link.resource_id,
        link.service_name,
      ]);
      expect(links).toEqual([
        ["aws:ec2:i-api", "api"],
        ["aws:rds:rds-prod-01", DATABASE_HOST],
      ]);
    }
    const outbox = await fetch(`${service.url}/api/v1/outbox/engine`);
    expect(await outbox.json()).toMatchObject({
      configured: true,
      items: 0,
      dead_letters: 0,
    });
  },
  180_000,
);
