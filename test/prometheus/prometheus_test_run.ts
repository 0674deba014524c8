import { deepStrictEqual, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { postDemoTraffic } from "../../src/local/demo_traffic.ts";
import { HttpSink } from "../harness/http_sink.ts";
import { type Service, startService } from "../harness/service.ts";
import { askMap } from "../truth/ask.ts";
import { exemplarTraces, queryNow } from "./ask_prometheus.ts";
import { dashboardQueries } from "./dashboard_queries.ts";
import { type Prometheus, startPrometheus } from "./start_prometheus.ts";

const SEED = 5;
const TRAFFIC_MS = 20_000;
/** Halves wait 10 s for the other, then the map is complete. */
const COMPLETE_WITHIN_MS = 40_000;
const RETRY_MS = 500;
const GRAPH = "traces_service_graph_request";
const SPANS = "traces_spanmetrics";

/** What Grafana's Tempo data source asks for its service graph and table. */
const GRAFANA_QUERIES: readonly string[] = [
  ...[`${GRAPH}_server_seconds_sum`, `${GRAPH}_total`, `${GRAPH}_failed_total`]
    .flatMap((metric) => [
      `sum by (client, server) (rate(${metric}[1m]))`,
      "sum by (client, server, server_service_namespace, " +
      `client_service_namespace) (rate(${metric}[1m]))`,
    ]),
  `histogram_quantile(.9, sum(rate(${GRAPH}_server_seconds_bucket{client!=""}[1m])) by (le, client, server))`,
  `topk(5, sum(rate(${SPANS}_calls_total{}[1m])) by (span_name))`,
  `topk(5, sum(rate(${SPANS}_calls_total{span_kind="SPAN_KIND_SERVER"}[1m])) by (span_name))`,
  `topk(5, sum(rate(${SPANS}_calls_total{status_code="STATUS_CODE_ERROR"}[1m])) by (span_name))`,
  `histogram_quantile(.9, sum(rate(${SPANS}_latency_bucket{span_kind="SPAN_KIND_SERVER"}[1m])) by (le))`,
];

/** What the test runs with. */
export interface PrometheusTestOptions {
  readonly prometheus: string;
  readonly promtool: string;
  readonly report: (line: string) => void;
}

/**
 * Everything that is true only where a real Prometheus says so.
 *
 * @throws {AssertionError} Where anything differs.
 */
export async function runPrometheusTest(
  { prometheus: command, promtool, report }: PrometheusTestOptions,
): Promise<void> {
  const tempo = await HttpSink.start();
  const options = { env: { TEMPO_URL: tempo.url } };
  let service = await startService(options);
  const { dataFolder, port } = service;
  const prometheus = await startPrometheus(command, `127.0.0.1:${port}`);
  try {
    await postTraffic(service);
    // What it refuses is in a panel, too.
    const broken = await fetch(`${service.url}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: BROKEN,
    });
    deepStrictEqual(broken.status, 200);
    await postTraffic(service);
    await checkQueries(prometheus);
    report("✓ each query of Grafana and of the dashboard has an answer");
    await hasTheCountsOfTheMap(service, prometheus);
    report("✓ Prometheus has the counts of the map");
    const metric = `${GRAPH}_server_seconds_bucket`;
    ok((await exemplarTraces(prometheus.url, metric)).length > 0);
    report("✓ exemplars are there");
    await isSilent(service, promtool);
    report("✓ promtool check metrics finds nothing");
    await service.kill();
    service = await startService({ ...options, dataFolder, port });
    await hasTheCountsOfTheMap(service, prometheus);
    await neverFell(prometheus);
    report("✓ no counter has fallen, over kill -9 either");
  } finally {
    await prometheus.stop();
    await service.kill();
    await tempo.stop();
  }
}

const BROKEN = JSON.stringify({
  resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: "00", name: "x" }] }] }],
});

async function postTraffic({ url }: Service): Promise<void> {
  await postDemoTraffic(url, {
    signal: AbortSignal.timeout(TRAFFIC_MS / 2),
    print: () => undefined,
    seed: SEED,
  });
}

async function checkQueries({ url }: Prometheus): Promise<void> {
  const asked = [
    ...GRAFANA_QUERIES.map((query) => ({ panel: "Explore", query })),
    ...dashboardQueries(),
  ];
  const empty: unknown[] = [];
  for (const { panel, query } of asked) {
    const values = await queryNow(url, query);
    const has = values.some(({ value }) => Number.isFinite(value));
    if (!has) empty.push({ panel, query });
  }
  deepStrictEqual(empty, []);
}

/** Waits until they are the same. */
async function hasTheCountsOfTheMap(
  service: Service,
  prometheus: Prometheus,
): Promise<void> {
  const untilMs = Date.now() + COMPLETE_WITHIN_MS;
  for (;;) {
    const [expected, actual] = [
      await countsOfTheMap(service),
      await countsOfPrometheus(prometheus),
    ];
    const differences = [...expected].filter(([edge, counts]) =>
      String(actual.get(edge)) !== String(counts)
    );
    const others = [...actual.keys()].filter((edge) =>
      !expected.has(edge) && !edge.endsWith(" virtual_node")
    );
    if (expected.size > 5 && differences.length + others.length === 0) return;
    if (Date.now() > untilMs) {
      throw new Error(JSON.stringify({ differences, others }));
    }
    await delay(RETRY_MS);
  }
}

type Counts = Map<string, readonly [requests: number, failed: number]>;

async function countsOfTheMap({ url }: Service): Promise<Counts> {
  const counts: Counts = new Map();
  for (const edge of (await askMap(url, { start: "1h" })).edges) {
    const name = `${edge.from} ${edge.to} ${edge.connection_type}`;
    const [requests, failed] = counts.get(name) ?? [0, 0];
    counts.set(name, [
      requests + edge.request_count,
      failed + edge.error_count,
    ]);
  }
  return counts;
}

async function countsOfPrometheus({ url }: Prometheus): Promise<Counts> {
  const counts: Counts = new Map();
  for (
    const [at, metric] of [`${GRAPH}_total`, `${GRAPH}_failed_total`].entries()
  ) {
    for (const { labels, value } of await queryNow(url, metric)) {
      const { client = "", server = "", connection_type: type = "" } = labels;
      const name = `${client} ${server} ${type}`;
      const known = counts.get(name) ?? [0, 0];
      const [requests, failed] = known;
      counts.set(
        name,
        at === 0 ? [requests + value, failed] : [requests, failed + value],
      );
    }
  }
  return counts;
}

async function isSilent({ url }: Service, promtool: string): Promise<void> {
  const input = await (await fetch(`${url}/metrics`)).text();
  const { status, stdout, stderr, error } = spawnSync(
    promtool,
    ["check", "metrics"],
    { input, encoding: "utf8" },
  );
  if (error !== undefined) {
    throw new Error(`Cannot start ${promtool}: set PROMTOOL`, { cause: error });
  }
  deepStrictEqual([status, stdout, stderr], [0, "", ""]);
}

async function neverFell({ url }: Prometheus): Promise<void> {
  const names = await queryNow(
    url,
    'count by (__name__) ({__name__=~"traces_.+"})',
  );
  ok(names.length > 10);
  for (const { labels } of names) {
    const name = labels["__name__"] ?? "";
    deepStrictEqual(await queryNow(url, `resets(${name}[10m]) > 0`), []);
  }
}
