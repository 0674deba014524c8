import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import type { Anomaly } from "../../../src/anomaly/anomaly.ts";
import { writeAnomaly } from "../../../src/anomaly/anomaly_store.ts";
import { exportRequest } from "../../../src/local/otlp_json.ts";
import { SeededRandom } from "../../../src/local/seeded_random.ts";
import { Shop } from "../../../src/local/shop.ts";
import { noTraffic } from "../../../src/local/shop_span.ts";
import { ask, storedKey } from "../access/closed_service.ts";
import { anomalyOf } from "../anomaly/anomaly_of.ts";
import { OUTAGE_GRAPH } from "./outage.ts";

const VISITS = 60;
const AGE_MS = 30_000;

/** A shop of which all is known that GraphQL can tell. */
export interface ShopStory {
  readonly tenant: string;
  /** Of scope `admin`. */
  readonly key: string;
  /** A trace that has events and links. */
  readonly traceId: string;
  readonly anomalyId: string;
}

/** The demo's traffic, resources under it, a change, an anomaly. */
export async function shopStory(tenant: string): Promise<ShopStory> {
  const { text: key } = await storedKey({ tenant, scope: "admin" });
  const nowMs = Date.now();
  const body = {
    nodes: [...GRAPH.nodes, ...OUTAGE_GRAPH.nodes],
    edges: [...GRAPH.edges, ...OUTAGE_GRAPH.edges],
  };
  const put = await ask("/api/v1/resources", { method: "PUT", key, body });
  expect(put.status).toBe(200);
  await postVisits(key, nowMs);
  const traceId = crypto.randomUUID().replaceAll("-", "");
  // An exporter that sends again leaves a hint.
  await postRichTrace(key, { traceId, nowMs });
  await postRichTrace(key, { traceId, nowMs });
  for (const [at, event] of changes(nowMs).entries()) {
    const posted = await ask("/api/v1/drift-events", {
      method: "POST",
      key,
      body: event,
    });
    expect([at, posted.status]).toEqual([at, 201]);
  }
  const anomaly = anomalyNow(traceId, nowMs);
  await writeAnomaly(env.DB, {
    anomaly,
    candidates: [{
      driftEvent: "drift-host",
      score: 0.9,
      rank: 1,
      path: ["aws:sg:sg-1", "aws:ec2:i-1"],
      lagMs: 60_000,
      reasons: ["it began right after"],
    }],
  }, { tenant, nowMs });
  const { service, edge } = anomaly;
  const ended = anomalyOf("anomaly-before", {
    service,
    edge,
    startedMs: nowMs - 7_200_000,
    raisedMs: nowMs - 6_900_000,
    endedMs: nowMs - 3_600_000,
    endReason: "calm",
  });
  await writeAnomaly(env.DB, { anomaly: ended, candidates: null }, {
    tenant,
    nowMs,
  });
  await vi.waitFor(async () => {
    const answer = await ask("/api/v1/servicemap", { key });
    const text = await answer.text();
    expect(text).toContain("orders-worker");
    expect(text).toContain('"aws:ec2:i-1"');
  }, { timeout: 20_000, interval: 200 });
  const report = await ask("/api/v1/correlation/drift/drift-host", { key });
  expect(report.status).toBe(200);
  return { tenant, key, traceId, anomalyId: anomaly.id };
}

const GRAPH = {
  nodes: [
    {
      id: "aws:ec2:i-1",
      type: "ec2",
      provider: "aws",
      name: "cart-1",
      region: "eu-west-1",
      metadata: { instance_id: "i-1", security_groups: ["sg-1"] },
      tags: { team: "shop" },
      created_at: "2026-01-01T00:00:00Z",
      updated_at: "2026-01-02T00:00:00Z",
    },
    { id: "aws:ec2:i-2", type: "ec2", provider: "aws", name: "cart-2" },
    { id: "aws:sg:sg-1", type: "security_group", provider: "aws" },
    { id: "aws:rds:orders", type: "rds", provider: "aws", name: "orders-db" },
  ],
  edges: [
    { from: "aws:ec2:i-1", to: "aws:sg:sg-1", type: "network" },
    { from: "aws:ec2:i-1", to: "aws:rds:orders", type: "dependency" },
  ],
};

function changes(nowMs: number): readonly object[] {
  return [{
    id: "drift-host",
    resource_id: "aws:ec2:i-1",
    resource_type: "ec2",
    type: "modified",
    timestamp: new Date(nowMs - 120_000).toISOString(),
    severity: "high",
    before: { size: "large" },
    after: { size: "small" },
    diff: { size: ["large", "small"] },
    root_cause: {
      cloudtrail_event_id: "c-1",
      event_name: "ModifyInstanceAttribute",
      user_identity: "someone",
      user_arn: "arn:aws:iam::1:user/someone",
      source_ip: "192.0.2.1",
      timestamp: new Date(nowMs - 121_000).toISOString(),
    },
    impacted_resources: ["aws:rds:orders"],
    metadata: { region: "eu-west-1" },
  }, {
    id: "drift-group",
    resource_id: "sg-1",
    resource_type: "security_group",
    type: "modified",
    timestamp: new Date(nowMs - 180_000).toISOString(),
    severity: "low",
  }];
}

function anomalyNow(traceId: string, nowMs: number): Anomaly {
  return anomalyOf(`anomaly-${traceId}`, {
    service: "shop/cart@production",
    edge: {
      id: "shop/cart@production\ncart-cache\n\n0\n",
      from: "shop/cart@production",
      to: "cart-cache",
      connectionType: "database",
    },
    startedMs: nowMs - 600_000,
    raisedMs: nowMs - 300_000,
    sampleTraces: [traceId],
  });
}

async function postVisits(key: string, nowMs: number): Promise<void> {
  const shop = new Shop(new SeededRandom(7));
  const traffic = noTraffic();
  for (let visit = 0; visit < VISITS; visit++) {
    const startMs = nowMs - AGE_MS + visit * 100;
    shop.visit(traffic, BigInt(startMs) * 1_000_000n);
  }
  const byService = Map.groupBy(traffic.spans, (span) => span.service);
  for (const [service, spans] of byService) {
    const { resource } = service;
    const host = resource["service.name"] === "cart" ? "i-1" : "i-2";
    const hosted = { ...service, resource: { ...resource, "host.id": host } };
    const posted = await ask("/v1/traces", {
      method: "POST",
      key,
      body: exportRequest(hosted, spans),
    });
    expect(posted.status).toBe(200);
  }
}

/** A trace with an event, a link, a failure, and a host that was changed. */
async function postRichTrace(
  key: string,
  { traceId, nowMs }: { readonly traceId: string; readonly nowMs: number },
): Promise<void> {
  const startNs = BigInt(nowMs - 10_000) * 1_000_000n;
  function attribute(name: string, stringValue: string) {
    return { key: name, value: { stringValue } };
  }
  const posted = await ask("/v1/traces", {
    method: "POST",
    key,
    body: {
      resourceSpans: [{
        resource: {
          attributes: [
            attribute("service.name", "cart"),
            attribute("service.namespace", "shop"),
            attribute("deployment.environment.name", "production"),
            attribute("host.id", "i-1"),
          ],
        },
        scopeSpans: [{
          scope: { name: "http", version: "1" },
          spans: [{
            traceId,
            spanId: traceId.slice(0, 16),
            name: "GET /cart",
            kind: 2,
            startTimeUnixNano: `${startNs}`,
            endTimeUnixNano: `${startNs + 80_000_000n}`,
            attributes: [attribute("http.route", "/cart")],
            status: { code: 2, message: "gone" },
            events: [{
              timeUnixNano: `${startNs + 1000n}`,
              name: "exception",
              attributes: [attribute("exception.message", "gone")],
            }],
            links: [{ traceId, spanId: traceId.slice(16) }],
          }, {
            traceId,
            spanId: traceId.slice(16),
            parentSpanId: traceId.slice(0, 16),
            name: "GET",
            kind: 3,
            startTimeUnixNano: `${startNs + 10_000_000n}`,
            endTimeUnixNano: `${startNs + 60_000_000n}`,
          }],
        }],
      }],
    },
  });
  expect(posted.status).toBe(200);
}
