import { globSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { driftReportSchema } from "../../src/correlation_report/drift_report_schema.ts";
import { cutWindow } from "../../src/history/window_parts.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { nodeId, virtualNode } from "../../src/map/node_identity.ts";
import {
  type EdgeKey,
  emptyWindow,
  type ServiceWindow,
} from "../../src/map/service_window.ts";
import { encodeWindow } from "../../src/map/service_window_codec.ts";
import { edgeOf } from "../../src/map/window_entries.ts";
import { hourSeries } from "../../src/series/hour_series.ts";
import { encodeHourSeries } from "../../src/series/hour_series_codec.ts";
import { scanned } from "../series/scanned.ts";
import { startService } from "../harness/service.ts";

// How long a report over a day of a large map takes, all of it: asking the
// objects, loading from D1, the statistics, the answer. The map is put into D1
// as its objects would write it.

const SERVICES = Number(process.env["SERVICES"] ?? 30);
const EDGES = Number(process.env["EDGES"] ?? 500);
/** Services that call the database that is changed. */
const CALLERS = Number(process.env["CALLERS"] ?? 3);
const REPORTS = Number(process.env["REPORTS"] ?? 10);
/** Requests of one edge in a minute. */
const REQUESTS = 40;
const HOURS = 26;
const MINUTE_S = 60;
const HOUR_S = 3600;
const SLOWER = 3;

const random = new SeededRandom(1);
const nowS = Math.floor(Date.now() / 1000);
const endS = nowS - nowS % HOUR_S;
const changeS = endS - 55 * MINUTE_S;
const services = Array.from(
  { length: SERVICES },
  (_, at) => virtualNode(`service-${at}`),
);

interface Edge {
  readonly key: EdgeKey;
  readonly ms: number;
  readonly isChanged: boolean;
}

const database = virtualNode("10.0.0.7");
const edges = services.map((from, at): Edge[] => {
  const count = Math.floor(EDGES / SERVICES) +
    (at < EDGES % SERVICES ? 1 : 0);
  return Array.from({ length: count }, (_, index) => ({
    key: {
      from,
      to: index === 0 && at < CALLERS
        ? database
        : virtualNode(`callee-${at}-${index}`),
      connectionType: "database",
      system: "postgresql",
      destination: "",
    },
    ms: 5 + random.below(40),
    isChanged: index === 0 && at < CALLERS,
  }));
});

function windowOf(service: number, startS: number): ServiceWindow {
  const window = emptyWindow();
  window.firstSeenMs = startS * 1000;
  window.lastSeenMs = startS * 1000 + 59_000;
  for (const { key, ms, isChanged } of edges[service] ?? []) {
    const edge = edgeOf(window, key);
    const factor = isChanged && startS >= changeS ? SLOWER : 1;
    const noise = 1 + 0.1 * random.fraction();
    for (let request = 0; request < REQUESTS; request++) {
      const spread = Math.exp(random.fraction() - 0.5);
      const ns = ms * 1e6 * factor * noise * spread;
      edge.latency.record(ns, 1);
      edge.client.record(ns, 1);
      window.entries.duration.record(ns + 1e6, 1);
    }
  }
  return window;
}

async function post(url: string, body: object, method = "POST") {
  const response = await fetch(url, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
}

function spanOf(service: string): object {
  return {
    resource: {
      attributes: [{ key: "service.name", value: { stringValue: service } }],
    },
    scopeSpans: [{
      spans: [{
        traceId: random.hex(16),
        spanId: random.hex(8),
        name: "GET",
        kind: 2,
        startTimeUnixNano: `${nowS - 1}000000000`,
        endTimeUnixNano: `${nowS}000000000`,
      }],
    }],
  };
}

function fill(dataFolder: string): { readonly bytes: number } {
  const file = globSync("**/*.sqlite", { cwd: dataFolder })
    .map((name) => join(dataFolder, name))
    .find((name) => {
      const tables = new DatabaseSync(name, { readOnly: true })
        .prepare("SELECT name FROM sqlite_master WHERE name = 'hour_series'");
      return tables.get() !== undefined;
    });
  if (file === undefined) throw new Error("Cannot find the database");
  const db = new DatabaseSync(file);
  const hour = db.prepare(
    "INSERT OR REPLACE INTO hour_series VALUES ('default', ?, ?, 1, ?)",
  );
  const minute = db.prepare(
    "INSERT OR REPLACE INTO bucket VALUES ('default', 60, ?, ?, ?, ?, 1, ?, ?)",
  );
  let bytes = 0;
  db.exec("BEGIN");
  for (const [at, service] of services.entries()) {
    for (let hourS = endS - HOURS * HOUR_S; hourS < endS; hourS += HOUR_S) {
      const windows = Array.from(
        { length: 60 },
        (_, index) => [index, windowOf(at, hourS + index * MINUTE_S)] as const,
      );
      const body = encodeHourSeries(
        hourSeries(windows.map(([index, one]) => [index, scanned(one)])),
      );
      bytes += body.length;
      hour.run(nodeId(service), hourS, Buffer.from(body).toString("base64"));
      if (hourS < endS - 3 * HOUR_S) continue;
      for (const [index, window] of windows) {
        for (const part of cutWindow(encodeWindow(window))) {
          minute.run(
            hourS + index * MINUTE_S,
            nodeId(service),
            part.part,
            part.parts,
            part.summary,
            part.operations,
          );
        }
      }
    }
  }
  db.exec("COMMIT");
  db.close();
  return { bytes };
}

const first = await startService();
await post(`${first.url}/v1/traces`, {
  resourceSpans: services.map(({ name }) => spanOf(name)),
});
await post(`${first.url}/api/v1/resources`, {
  nodes: [{
    id: "aws:rds:db",
    type: "rds",
    provider: "aws",
    metadata: { private_ip: database.name },
  }],
  edges: [],
}, "PUT");
await post(`${first.url}/api/v1/drift-events`, {
  id: "drift",
  resource_id: "aws:rds:db",
  resource_type: "rds",
  type: "modified",
  timestamp: new Date(changeS * 1000).toISOString(),
});
await first.stop();
const { bytes } = fill(first.dataFolder);
const service = await startService({ dataFolder: first.dataFolder });
const times: number[] = [];
let verdict = "";
let affected = 0;
for (let run = 0; run <= REPORTS; run++) {
  const start = performance.now();
  const response = await fetch(
    `${service.url}/api/v1/correlation/drift/drift?window=55m`,
  );
  const report = driftReportSchema.parse(await response.json());
  // The first one also starts all objects.
  if (run > 0) times.push(performance.now() - start);
  verdict = report.verdict;
  affected = report.affected_services.length;
}
await service.stop();
const sorted = times.toSorted((a, b) => a - b);
process.stdout.write(`${
  JSON.stringify({
    bench: "report",
    services: SERVICES,
    edges: edges.flat().length,
    verdict,
    affected,
    reportMs: {
      median: Math.round(sorted[sorted.length >> 1] ?? 0),
      max: Math.round(sorted.at(-1) ?? 0),
    },
    bytesPerEdgeMinute: bytes / (edges.flat().length * HOURS * 60),
  })
}\n`);
