import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { writeAnomaly } from "../../../src/anomaly/anomaly_store.ts";
import { MAX_WHOLE_TRACES } from "../../../src/graphql/graphql_limits.ts";
import { otlpRequest } from "../../resources/otlp_request.ts";
import { ask, storedKey } from "../access/closed_service.ts";
import { anomalyOf } from "../anomaly/anomaly_of.ts";
import { askGraphql } from "./ask_graphql.ts";
import { type AskedStorage, countedBindings } from "./counted_bindings.ts";

/** So many services, each on a host of its own that was changed. */
async function system(services: number): Promise<string> {
  const tenant = `calls-${services}`;
  const { text: key } = await storedKey({ tenant, scope: "admin" });
  const numbers = Array.from({ length: services }, (_, at) => at);
  const nowMs = Date.now();
  async function send(path: string, method: string, body: object) {
    const answer = await ask(path, { method, key, body });
    expect(answer.status).toBeLessThan(300);
    await answer.body?.cancel();
  }
  await send("/api/v1/resources", "PUT", {
    nodes: numbers.map((at) => ({ id: `aws:ec2:i-${at}`, type: "ec2" })),
    edges: [],
  });
  await send(
    "/v1/traces",
    "POST",
    otlpRequest(
      numbers.map((at) => {
        const traceId = crypto.randomUUID().replaceAll("-", "");
        return {
          attributes: { "service.name": `s-${at}`, "host.id": `i-${at}` },
          spans: [{ traceId, spanId: traceId.slice(16) }],
        };
      }),
      nowMs,
    ),
  );
  await send(
    "/api/v1/drift-events",
    "POST",
    numbers.map((at) => ({
      id: `drift-${at}`,
      resource_id: `i-${at}`,
      drift_type: "modified",
      detected_at: new Date(nowMs - 1000 * at).toISOString(),
    })),
  );
  for (const at of numbers) {
    await writeAnomaly(env.DB, {
      anomaly: anomalyOf(`anomaly-${at}`, {
        service: `s-${at}`,
        startedMs: nowMs - 600_000,
        raisedMs: nowMs - 300_000,
      }),
      candidates: [{
        driftEvent: `drift-${at}`,
        score: 1,
        rank: 1,
        path: [],
        lagMs: 0,
        reasons: [],
      }],
    }, { tenant, nowMs });
  }
  await expect.poll(async () => {
    const { data } = await askGraphql("{ services { resourceIds } }", { key });
    return JSON.stringify(data).split("aws:ec2:i-").length - 1;
  }, { timeout: 20_000, interval: 200 }).toBe(services);
  return key;
}

async function asked(
  key: string,
  query: string,
): Promise<{ readonly text: string; readonly asked: AskedStorage }> {
  const counted = countedBindings();
  const { bindings } = counted;
  const { data, errors } = await askGraphql(query, { key, bindings });
  expect(errors).toEqual([]);
  return { text: JSON.stringify(data), asked: counted.asked };
}

const SERVICES = `{ services(limit: 40) {
  name p95Latency
  operations(limit: 5) { operationName }
  resources { resource { health drift(limit: 1) { id report { verdict } } } }
  anomalies(limit: 1) { id candidates { driftEvent { id } } }
  driftEvents(limit: 2) { id }
  callers { caller { operations(limit: 1) { count } } }
} }`;

const LISTS = `{
  resources(limit: 40) { health drift(limit: 2) { id } services { service { name } } }
  driftEvents(limit: 40) { report { verdict } resource { services { serviceName } } }
  anomalies(limit: 40) { service { name } candidates { driftEvent { id } } }
}`;

test(
  "what D1 is asked does not grow with the services, and each service is asked twice",
  async () => {
    const all: AskedStorage[] = [];
    for (const count of [2, 9, 30]) {
      const key = await system(count);
      const services = await asked(key, SERVICES);
      for (const one of ["operationName", "drift-", "anomaly-", "unhealthy"]) {
        expect(services.text.split(one).length - 1).toBeGreaterThanOrEqual(
          count,
        );
      }
      const lists = await asked(key, LISTS);
      expect(lists.text.split('"serviceName":"s-').length - 1).toBe(count);
      // Once for the map, and once for all operations.
      expect(services.asked.objects).toEqual({
        DIRECTORY: 1,
        SERVICE_AGGREGATE: 2 * count,
      });
      expect(lists.asked.objects).toEqual({
        DIRECTORY: 1,
        SERVICE_AGGREGATE: count,
      });
      all.push({
        statements: services.asked.statements,
        objects: { lists: lists.asked.statements },
      });
    }
    const [first] = all;
    expect(all).toEqual(all.map(() => first));
    expect(first?.statements).toBeLessThanOrEqual(12);
    expect(first?.objects["lists"]).toBeLessThanOrEqual(12);
  },
  60_000,
);

test("traces of a list are asked for at once", async () => {
  const key = await system(MAX_WHOLE_TRACES);
  async function traces(limit: number): Promise<AskedStorage> {
    const { text, asked: storage } = await asked(
      key,
      `{ traces(limit: ${limit}) { traces { trace {
        spans { spanId resources { resource { id } } } driftEvents { id }
      } } } }`,
    );
    expect(text.split("spanId").length - 1).toBe(limit);
    return storage;
  }
  const few = await traces(1);
  const many = await traces(MAX_WHOLE_TRACES);
  expect(many).toEqual(few);
});
