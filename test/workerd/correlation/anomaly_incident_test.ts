import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { writeAnomaly } from "../../../src/anomaly/anomaly_store.ts";
import { incidentReportSchema } from "../../../src/correlation_report/incident_schema.ts";
import { ask, storedKey } from "../access/closed_service.ts";
import { anomalyOf } from "../anomaly/anomaly_of.ts";

test("an anomaly is explained as an incident of its service and its time", async () => {
  const tenant = "explained";
  const { text: admin } = await storedKey({ tenant, scope: "admin" });
  const { text: ingest } = await storedKey({ tenant, scope: "ingest" });
  const nowMs = Date.now();
  const posted = await ask("/v1/traces", {
    method: "POST",
    key: ingest,
    body: {
      resourceSpans: [{
        resource: {
          attributes: [
            { key: "service.name", value: { stringValue: "cart" } },
            { key: "service.namespace", value: { stringValue: "shop" } },
          ],
        },
        scopeSpans: [{
          spans: [{
            traceId: "1".repeat(32),
            spanId: "2".repeat(16),
            name: "GET",
            kind: 2,
            startTimeUnixNano: `${nowMs - 1000}000000`,
            endTimeUnixNano: `${nowMs - 900}000000`,
          }],
        }],
      }],
    },
  });
  expect(posted.status).toBe(200);
  const startedMs = nowMs - 600_000;
  await writeAnomaly(env.DB, {
    anomaly: anomalyOf("slow", { startedMs, raisedMs: startedMs + 300_000 }),
    candidates: null,
  }, { tenant, nowMs });
  await writeAnomaly(env.DB, {
    anomaly: anomalyOf("gone", { service: "nobody", startedMs }),
    candidates: null,
  }, { tenant, nowMs });
  const path = "/api/v1/correlation/anomaly";
  const answer = await ask(`${path}/slow`, { key: admin });
  expect(answer.status).toBe(200);
  const report = incidentReportSchema.parse(await answer.json());
  expect(report).toMatchObject({
    start: new Date(startedMs).toISOString(),
    candidates: [],
  });
  for (const id of ["gone", "never"]) {
    expect((await ask(`${path}/${id}`, { key: admin })).status).toBe(404);
  }
  expect((await ask(`${path}/slow?start=1h`, { key: admin })).status).toBe(400);
});
