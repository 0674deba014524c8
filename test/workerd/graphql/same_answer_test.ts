import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { writeAnomaly } from "../../../src/anomaly/anomaly_store.ts";
import { camelCase } from "../../../src/graphql/camel_case.ts";
import { ask, storedKey } from "../access/closed_service.ts";
import { anomalyOf } from "../anomaly/anomaly_of.ts";
import { askGraphql } from "./ask_graphql.ts";
import { OUTAGE_GRAPH, postOutage } from "./outage.ts";

type Fields = Readonly<Record<string, unknown>>;

const MINUTE_MS = 60_000;
const TENANT = "same-answer";
/** A list has names of services; GraphQL has all of them, as one resource. */
function withoutServices(resource: Fields): Fields {
  return Object.fromEntries(
    Object.entries(resource).filter(([name]) => name !== "services"),
  );
}

/** What is no object of fields, but whatever JSON was sent. */
const JSON_FIELDS = new Set([
  "after",
  "attributes",
  "before",
  "diff",
  "metadata",
  "resource_attrs",
  "tags",
]);
/** When it was answered: the two were asked one after the other. */
const TIMES = new Set(["timestamp", "generated_at", "asked", "received"]);
/** What GraphQL calls otherwise, since a joined object has the name. */
const RENAMED: Readonly<Record<string, string>> = {
  neighbours: "dependencies(limit: 500)",
  neighbour_count: "dependencyCount",
};

/** Lists of objects, that may be empty. */
const OBJECT_LISTS = new Set([
  "competing_events",
  "drift",
  "drift_events",
  "effects",
  "events",
  "hints",
  "links",
  "neighbours",
  "resources",
  "services",
]);

let key: string;
let window: string;
let hour: string;
beforeAll(async () => {
  key = (await storedKey({ tenant: TENANT, scope: "admin" })).text;
  await ask("/api/v1/resources", { method: "PUT", key, body: OUTAGE_GRAPH });
  const { changeMs } = await postOutage(key);
  const [start, end] = [changeMs, changeMs + 40 * MINUTE_MS];
  window = `start=${start}&end=${end}`;
  hour = `start: "${start}", end: "${end}"`;
  const nowMs = Date.now();
  await writeAnomaly(env.DB, {
    anomaly: anomalyOf("slow", {
      service: "web",
      startedMs: start,
      raisedMs: start + 300_000,
    }),
    candidates: [{
      driftEvent: "sg-closed",
      score: 1,
      rank: 1,
      path: ["aws:sg:sg-123456"],
      lagMs: 60_000,
      reasons: ["it began right after"],
    }],
  }, { tenant: TENANT, nowMs });
}, 120_000);

async function overHttp(path: string): Promise<Fields> {
  const answer = await ask(path, { key });
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.json<Fields>();
}

function isEmptyList(name: string, values: readonly unknown[]): boolean {
  return OBJECT_LISTS.has(name) &&
    values.every((value) => Array.isArray(value) && value.length === 0);
}

function isJson(name: string, value: unknown): boolean {
  const isFigures = typeof value === "object" && value !== null &&
    "reported" in value;
  return JSON_FIELDS.has(name) && !isFigures;
}

/** All fields that an answer has, as GraphQL is asked for them. */
function selectionOf(values: readonly unknown[]): string {
  const objects = values.flat().filter((value) =>
    typeof value === "object" && value !== null
  ) as Fields[];
  const keys = new Set(objects.flatMap((value) => Object.keys(value)));
  const fields = [...keys].filter((name) => !TIMES.has(name)).map((name) => {
    const field = RENAMED[name] ?? camelCase(name);
    const values = objects.map((value) => value[name]);
    const within = isJson(name, values[0])
      ? ""
      : isEmptyList(name, values)
      ? "__typename"
      : selectionOf(values);
    const limit = name === "operations" ? "(limit: 1000)" : "";
    return `${field}${limit} ${within === "" ? "" : `{ ${within} }`}`;
  });
  return fields.join(" ");
}

/** An answer of the HTTP API as GraphQL has it. */
function asGraphql(value: unknown, like: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((one, at) => asGraphql(one, (like as unknown[])[at]));
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => !TIMES.has(name))
    .map(([name, field]) => {
      const own = (RENAMED[name] ?? camelCase(name)).replace(/\(.*/, "");
      const same = (like as Fields | undefined)?.[own];
      return [own, isJson(name, field) ? field : asGraphql(field, same)];
    });
  // What the HTTP API leaves out is null.
  const missing = Object.entries((like ?? {}) as Fields)
    .filter(([name, field]) =>
      field === null && !entries.some(([own]) => own === name)
    );
  return Object.fromEntries([...entries, ...missing]);
}

/** Compares every field of a value of the two. */
async function compare(expected: unknown, field: string): Promise<void> {
  const selection = selectionOf([expected]);
  const answer = await askGraphql(`{ ${field} { ${selection} } }`, { key });
  expect(answer.errors).toEqual([]);
  const [value] = Object.values(answer.data ?? {});
  expect(value).toEqual(asGraphql(expected, value));
}

test("serviceMap is GET /api/v1/servicemap, whole and around a service", async () => {
  const map = await overHttp(`/api/v1/servicemap?${window}`);
  expect(map["edges"]).toHaveLength(3);
  await compare(map, `serviceMap(${hour})`);
  const around = `service=web&depth=2&direction=down`;
  await compare(
    await overHttp(`/api/v1/servicemap?${window}&${around}`),
    `serviceMap(${hour}, service: "web", depth: 2, direction: down)`,
  );
});

test("services is GET /api/v1/services, and service is GET /api/v1/services/{name}", async () => {
  const { services } = await overHttp(`/api/v1/services?${window}`);
  expect(services).toHaveLength(2);
  await compare(services, `services(${hour})`);
  for (const name of ["api", "web"]) {
    const detail = await overHttp(`/api/v1/services/${name}?${window}`);
    expect(detail["operations"]).not.toEqual([]);
    await compare(detail, `service(name: "${name}", ${hour})`);
  }
});

test("traces is GET /api/v1/traces, page by page, and trace is GET /api/v1/traces/{id}", async () => {
  let cursor = "";
  for (let page = 0; page < 3; page++) {
    const after = cursor === "" ? "" : `&cursor=${cursor}`;
    const list = await overHttp(
      `/api/v1/traces?${window}&limit=3&error=true&service=api${after}`,
    );
    await compare(
      list,
      `traces(${hour}, limit: 3, error: true, service: "api"${
        cursor === "" ? "" : `, cursor: "${cursor}"`
      })`,
    );
    cursor = String(list["next_cursor"]);
    const [{ trace_id: id }] = list["traces"] as [{ trace_id: string }];
    await compare(await overHttp(`/api/v1/traces/${id}`), `trace(id: "${id}")`);
  }
});

test("driftEvents and driftEvent are GET /api/v1/drift-events, and a cursor leads on", async () => {
  const { drift_events: events } = await overHttp("/api/v1/drift-events");
  expect(events).toHaveLength(3);
  await compare(events, "driftEvents");
  await compare(
    await overHttp("/api/v1/drift-events/sg-closed"),
    'driftEvent(id: "sg-closed")',
  );
  const first = await askGraphql("{ driftEvents(limit: 1) { id cursor } }", {
    key,
  });
  const { driftEvents: page } = first.data ?? {};
  const [{ cursor }] = page as [{ cursor: string }];
  const { drift_events: rest } = await overHttp(
    `/api/v1/drift-events?cursor=${encodeURIComponent(cursor)}`,
  );
  expect(rest).toHaveLength(2);
  await compare(rest, `driftEvents(cursor: "${cursor}")`);
  const { drift_events: own } = await overHttp(
    "/api/v1/drift-events?resource_id=sg-123456&severity=high",
  );
  expect(own).toHaveLength(1);
  await compare(own, 'driftEvents(resourceId: "sg-123456", severity: high)');
});

test("correlation, driftEvent's report and incident are those of GET /api/v1/correlation", async () => {
  const report = await overHttp(
    "/api/v1/correlation/drift/sg-closed?window=1h",
  );
  expect(report["affected_services"]).not.toEqual([]);
  await compare(report, 'correlation(driftEventId: "sg-closed", window: "1h")');
  const own = `{ driftEvent(id: "sg-closed") { report { ${
    selectionOf([report])
  } } } }`;
  const { data, errors } = await askGraphql(own, { key });
  expect(errors).toEqual([]);
  const { driftEvent: drift } = data ?? {};
  const { report: made } = drift as Fields;
  expect(made).toEqual(asGraphql(report, made));
  const { correlations } = await overHttp("/api/v1/correlations");
  await compare(correlations, "correlations");
  await compare(
    await overHttp(`/api/v1/correlation/incident?service=web&${window}`),
    `incident(service: "web", ${hour})`,
  );
});

test("anomalies and anomaly are GET /api/v1/anomalies", async () => {
  function renamed({ service, candidates, ...rest }: Fields): Fields {
    return {
      ...rest,
      service_id: service,
      candidates: (candidates as Fields[]).map((
        { drift_event: id, ...candidate },
      ) => ({ ...candidate, drift_event_id: id })),
    };
  }
  const { anomalies } = await overHttp("/api/v1/anomalies");
  expect(anomalies).toHaveLength(1);
  await compare((anomalies as Fields[]).map(renamed), "anomalies");
  await compare(
    renamed(await overHttp("/api/v1/anomalies/slow")),
    'anomaly(id: "slow")',
  );
});

test("resources and resource are GET /api/v1/resources", async () => {
  const { resources } = await overHttp(`/api/v1/resources?${window}`);
  const listed = (resources as Fields[])
    .map(withoutServices);
  expect(listed.length).toBeGreaterThan(4);
  await compare(listed, `resources(${hour})`);
  const { resources: some } = await overHttp(
    `/api/v1/resources?${window}&type=ec2&provider=aws&limit=2`,
  );
  await compare(
    (some as Fields[]).map(withoutServices),
    `resources(${hour}, type: "ec2", provider: "aws", limit: 2)`,
  );
  for (const id of ["aws:rds:rds-prod-01", "sg-123456", "i-api"]) {
    await compare(
      await overHttp(`/api/v1/resources/${encodeURIComponent(id)}?${window}`),
      `resource(id: "${id}", ${hour})`,
    );
  }
});
