import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import {
  MAX_INCIDENT_MS,
  MAX_REPORT_LIMIT,
  MAX_WINDOW_MINUTES,
  MIN_WINDOW_MINUTES,
} from "../../../src/correlation_report/correlation_parameters.ts";
import {
  type DriftReport,
  driftReportSchema,
} from "../../../src/correlation_report/drift_report_schema.ts";
import {
  loadCorrelation,
  MAX_REPORT_CHANGES,
} from "../../../src/correlation_report/load_correlation.ts";
import {
  listReports,
  MAX_REPORT_LENGTH,
  MAX_REPORTS,
  writeReport,
} from "../../../src/correlation_report/report_store.ts";
import { writeDrifts } from "../../../src/drift/drift_store.ts";
import { ask, storedKey } from "../access/closed_service.ts";

const NOW_MS = Date.now();
const CHANGE = {
  id: "drift-1",
  resource_id: "aws:sg:sg-1",
  resource_type: "security_group",
  type: "modified",
  timestamp: new Date(NOW_MS - 3_600_000).toISOString(),
};

async function readKey(tenant: string): Promise<string> {
  const { text } = await storedKey({ tenant, scope: "read" });
  return text;
}

async function reportOf(tenant: string): Promise<DriftReport> {
  const { text: admin } = await storedKey({ tenant, scope: "admin" });
  const posted = await ask("/api/v1/drift-events", {
    method: "POST",
    key: admin,
    body: CHANGE,
  });
  expect(posted.status).toBeLessThan(300);
  const answer = await ask("/api/v1/correlation/drift/drift-1", {
    key: await readKey(tenant),
  });
  expect(answer.status).toBe(200);
  return driftReportSchema.parse(await answer.json());
}

async function problems(path: string, key: string): Promise<unknown> {
  const answer = await ask(path, { key });
  const { details } = await answer.json<
    { details?: { parameter: string }[] }
  >();
  return [answer.status, (details ?? []).map(({ parameter }) => parameter)];
}

test("a report without data says so, is kept, and is its tenant's alone", async () => {
  const report = await reportOf("routes");
  expect(report).toMatchObject({
    verdict: "not_enough_data",
    affected_services: [],
    summary: expect.stringContaining("- Affected Service: none"),
  });
  const key = await readKey("routes");
  const list = await ask("/api/v1/correlations?verdict=not_enough_data", {
    key,
  });
  expect(await list.json()).toEqual({
    correlations: [report],
    count: 1,
    next_cursor: null,
  });
  const none = await ask("/api/v1/correlations?verdict=caused", { key });
  expect(await none.json()).toMatchObject({ correlations: [], count: 0 });
  const other = await ask("/api/v1/correlations", {
    key: await readKey("another"),
  });
  expect(await other.json()).toMatchObject({ correlations: [], count: 0 });
  const text = await ask("/api/v1/correlation/drift/drift-1?format=text", {
    key,
  });
  expect(text.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(await text.text()).toBe(report.summary);
});

test("wrong parameters are named, and unknown ids are 404", async () => {
  await reportOf("wrong");
  const key = await readKey("wrong");
  const path = "/api/v1/correlation/drift/drift-1";
  for (
    const window of [
      "",
      "0",
      "90s",
      "1 h",
      `${MIN_WINDOW_MINUTES - 1}m`,
      `${MAX_WINDOW_MINUTES + 1}m`,
    ]
  ) {
    expect(await problems(`${path}?window=${encodeURIComponent(window)}`, key))
      .toEqual([400, ["window"]]);
  }
  for (const window of [`${MIN_WINDOW_MINUTES}m`, `${MAX_WINDOW_MINUTES}m`]) {
    expect((await ask(`${path}?window=${window}`, { key })).status).toBe(200);
  }
  expect(await problems(`${path}?format=xml`, key)).toEqual([400, ["format"]]);
  expect(await problems("/api/v1/correlation/drift/nobody", key))
    .toEqual([404, []]);
  expect(await problems("/api/v1/correlation/incident", key))
    .toEqual([400, ["service"]]);
  expect(await problems("/api/v1/correlation/incident?service=nobody", key))
    .toEqual([404, []]);
  const endMs = NOW_MS - 1000;
  const incident = "/api/v1/correlation/incident?service=nobody&end=" + endMs;
  expect(await problems(`${incident}&start=${endMs - MAX_INCIDENT_MS}`, key))
    .toEqual([404, []]);
  expect(
    await problems(`${incident}&start=${endMs - MAX_INCIDENT_MS - 1}`, key),
  )
    .toEqual([400, ["start"]]);
  const list = "/api/v1/correlations";
  expect(await problems(`${list}?verdict=guilty`, key))
    .toEqual([400, ["verdict"]]);
  expect(await problems(`${list}?limit=${MAX_REPORT_LIMIT + 1}`, key))
    .toEqual([400, ["limit"]]);
  expect((await ask(`${list}?limit=${MAX_REPORT_LIMIT}`, { key })).status)
    .toBe(200);
  expect(await problems(`${list}?cursor=next`, key)).toEqual([400, ["cursor"]]);
  expect(await problems(`${list}?start=1h&end=2h`, key)).toEqual([400, [
    "end",
  ]]);
});

test("reports are listed in pages, the newest changes first", async () => {
  const report = await reportOf("pages");
  for (let at = 0; at < 5; at++) {
    const event = {
      ...report.drift_event,
      id: `drift-${at}`,
      timestamp: new Date(NOW_MS - at * 60_000).toISOString(),
    };
    await writeReport(env.DB, "pages", { ...report, drift_event: event });
  }
  const key = await readKey("pages");
  const seen: string[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const page: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const answer = await ask(`/api/v1/correlations?limit=2${page}`, { key });
    const { correlations, next_cursor: next } = await answer.json<
      { correlations: DriftReport[]; next_cursor: string | null }
    >();
    seen.push(...correlations.map(({ drift_event: { id } }) => id));
    cursor = next;
  }
  expect(seen).toEqual([0, 1, 2, 3, 4].map((at) => `drift-${at}`));
});

test("writeReport() keeps the newest report of a change, MAX_REPORTS of them, none above MAX_REPORT_LENGTH", async () => {
  const report = await reportOf("kept");
  const older = { ...report, generated_at: new Date(0).toISOString() };
  await writeReport(env.DB, "kept", { ...older, verdict: "caused" });
  const all = { filter: {}, limit: 10 };
  expect((await listReports(env.DB, "kept", all)).map((one) => one.verdict))
    .toEqual(["not_enough_data"]);
  await env.DB.prepare(`
    INSERT INTO correlation_report
    WITH RECURSIVE n(value) AS
      (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ?)
    SELECT tenant, 'old ' || value, verdict, value, generated_ms, '{}'
    FROM correlation_report, n WHERE tenant = 'kept'`)
    .bind(MAX_REPORTS - 1).run();
  function kept(): Promise<number | null> {
    return env.DB.prepare(
      "SELECT count(*) AS n FROM correlation_report WHERE tenant = 'kept'",
    ).first<number>("n");
  }
  expect(await kept()).toBe(MAX_REPORTS);
  await writeReport(env.DB, "kept", report);
  expect(await kept()).toBe(MAX_REPORTS);
  const next = { ...report.drift_event, id: "one more" };
  await writeReport(env.DB, "kept", { ...report, drift_event: next });
  expect(await kept()).toBe(MAX_REPORTS);
});

test("writeReport() cuts a report to MAX_REPORT_LENGTH", async () => {
  const report = await reportOf("long");
  const bare = JSON.stringify({ ...report, reasons: [""] }).length;
  async function lengthOf(reason: number): Promise<number> {
    const long = { ...report, reasons: ["x".repeat(reason)] };
    await writeReport(env.DB, "long", long);
    const [read] = await listReports(env.DB, "long", { filter: {}, limit: 1 });
    return JSON.stringify(read).length;
  }
  expect(await lengthOf(MAX_REPORT_LENGTH - bare)).toBe(MAX_REPORT_LENGTH);
});

test("loadCorrelation() looks at MAX_REPORT_CHANGES changes, not one more", async () => {
  const body = {
    resourceId: "aws:sg:sg-1",
    resourceType: "security_group",
    type: "modified",
    severity: "low",
    source: "test",
    rootCause: null,
    impactedResources: [],
    before: null,
    after: null,
    diff: null,
    metadata: {},
    truncated: [],
  } as const;
  async function changes(count: number): Promise<number> {
    const tenant = `many-${count}`;
    const drifts = Array.from({ length: count }, (_, at) => ({
      ...body,
      id: `${at}`,
      timeMs: NOW_MS - at,
    }));
    await writeDrifts(env.DB, tenant, drifts);
    const loaded = await loadCorrelation(env, {
      tenant,
      settings: { skygraph: null },
      nowMs: NOW_MS,
      startMs: NOW_MS - 60_000,
      endMs: NOW_MS,
      waitUntil: () => undefined,
    }, 0);
    return loaded.input.changes.length;
  }
  expect(await changes(MAX_REPORT_CHANGES)).toBe(MAX_REPORT_CHANGES);
  expect(await changes(MAX_REPORT_CHANGES + 1)).toBe(MAX_REPORT_CHANGES);
});
