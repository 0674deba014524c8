import { afterAll, beforeAll, expect, test } from "vitest";
import type { ServiceDetail } from "../../src/query/service_detail.ts";
import { type Status, statusSchema } from "../../src/query/status.ts";
import { HttpSink } from "../harness/http_sink.ts";
import { type Service, startService } from "../harness/service.ts";
import { exportJson } from "../ingest/export_request.ts";
import { parseExposition } from "../telemetry/parse_exposition.ts";

/** A request's own spans: the server's, and for a batch three steps. */
const SPANS_OF_A_QUESTION = 1;
const SPANS_OF_A_BATCH = 4;

let service: Service;
let tempo: HttpSink;

beforeAll(async () => {
  tempo = await HttpSink.start();
  service = await startService({
    env: { SELF_TRACES: "1", LOG_REQUESTS: "all", TEMPO_URL: tempo.url },
  });
});
afterAll(async () => {
  await service.kill();
  await tempo.stop();
});

async function ask(path: string): Promise<Response> {
  const answer = await fetch(service.url + path);
  expect([path, answer.status]).toEqual([path, 200]);
  return answer;
}

async function status(): Promise<Status> {
  return statusSchema.parse(await (await ask("/api/v1/status")).json());
}

async function requestsAnswered(): Promise<number> {
  const answer = await ask("/metrics");
  const families = parseExposition(await answer.text(), "text");
  return families.get("tracecore_requests_total")?.samples
    .get('{"status":"200"}') ?? 0;
}

async function ownOperations(): Promise<ServiceDetail["operations"]> {
  const path = "/api/v1/services/tracecore";
  const answer = await fetch(service.url + path);
  if (answer.status === 404) return [];
  return (await answer.json<ServiceDetail>()).operations;
}

test("SELF_TRACES=1 puts TraceCore on its own map, and nothing posted adds nothing", async () => {
  const { spans: before } = await status();
  const posted = await fetch(`${service.url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: exportJson(2),
  });
  expect(posted.status).toBe(200);
  await posted.body?.cancel();
  // Each answer has the spans of all requests before its own.
  let expected = before + SPANS_OF_A_QUESTION + 2 + SPANS_OF_A_BATCH;
  await expect.poll(async () => {
    const { spans } = await status();
    const difference = spans - expected;
    expected += SPANS_OF_A_QUESTION;
    return difference;
  }).toBe(0);
  await expect.poll(
    async () =>
      (await ownOperations())
        .find(({ operation_name: name }) => name === "POST /v1/traces"),
    { timeout: 20_000 },
  ).toMatchObject({ kind: "server", count: 1 });
  await expect.poll(() =>
    tempo.requests.map(({ body }) => Buffer.from(body).toString())
  ).toContainEqual(expect.stringContaining('"name":"POST /v1/traces"'));
  // A loop would have gone around with every question since.
  const { spans: first } = await status();
  const { spans: second } = await status();
  expect(second - first).toBe(SPANS_OF_A_QUESTION);
});

test("LOG_REQUESTS=all writes one line of JSON a request, and no fault", async () => {
  const answer = await ask("/health");
  const id = answer.headers.get("x-request-id");
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  await expect.poll(() => service.output()).toContain(`"${id}"`);
  const lines = service.output().split("\n")
    .filter((line) => line.includes('"event":"request"'))
    .map((line) => JSON.parse(line));
  expect(lines.filter(({ request_id: one }) => one === id)).toMatchObject([
    { level: "info", method: "GET", route: "/health", status: 200 },
  ]);
  expect(service.errors()).toBe("");
});

test("counters are there after kill -9", async () => {
  const before = await requestsAnswered();
  expect(before).toBeGreaterThan(0);
  const { dataFolder } = service;
  await service.kill();
  service = await startService({ dataFolder });
  // The answer that told the number was given after it was on disk.
  expect(await requestsAnswered()).toBeGreaterThanOrEqual(before);
});
