import { afterEach, beforeEach, expect, test } from "vitest";
import { MAX_CLOCK_SKEW_MS, MAX_FIND_MS } from "../../src/cli/doctor_checks.ts";
import type { SinkAnswer, SunkRequest } from "../harness/http_sink.ts";
import { HttpSink } from "../harness/http_sink.ts";
import { tryCli } from "./cli_trial.ts";
import { errorAnswer, jsonAnswer } from "./json_sink.ts";

interface Check {
  readonly name: string;
  readonly state: string;
  readonly message: string;
  readonly advice: string;
}

let sink: HttpSink;
let answers: Record<string, SinkAnswer>;
beforeEach(async () => {
  sink = await HttpSink.start();
  answers = {
    "/health": health(Date.now()),
    "/api/v1/status": statusOf({}),
    "/v1/traces": jsonAnswer({}),
  };
  sink.answer = ({ path }: SunkRequest) =>
    path.startsWith("/api/v1/traces/")
      ? answers["trace"] ?? jsonAnswer({})
      : answers[path] ?? errorAnswer(404, "Lost");
});
afterEach(() => sink.stop());

test("doctor finds all well, and looks for the span that it sent", async () => {
  const { exitCode, states } = await doctor();
  expect(exitCode).toBe(0);
  expect(states).toEqual({
    address: "ok",
    service: "ok",
    clock: "ok",
    key: "ok",
    storage: "ok",
    targets: "ok",
    spans: "ok",
  });
  const sent = sink.requests.find(({ path }) => path === "/v1/traces");
  const { resourceSpans } = JSON.parse(new TextDecoder().decode(sent?.body));
  const [{ traceId }] = resourceSpans[0].scopeSpans[0].spans;
  expect(sink.requests.at(-1)?.path).toBe(`/api/v1/traces/${traceId}`);
});

test("doctor says that nobody is there, and looks no further", async () => {
  sink.answer = "reset";
  const { exitCode, states, checks } = await doctor();
  expect(exitCode).toBe(1);
  expect(states).toEqual({ address: "ok", service: "failed" });
  expect(checks[1]?.message).toContain(`Cannot reach ${sink.url}`);
  expect(checks[1]?.advice).toContain("the right address");
});

test("doctor tells of a clock that is off by more than MAX_CLOCK_SKEW_MS", async () => {
  answers["/health"] = health(1_000_000);
  const { states } = await doctor([], {
    nowMs: () => 1_000_000 + MAX_CLOCK_SKEW_MS,
  });
  expect(states["clock"]).toBe("ok");
  const off = await doctor([], {
    nowMs: () => 1_000_000 + MAX_CLOCK_SKEW_MS + 1,
  });
  expect(off).toMatchObject({ exitCode: 1, states: { clock: "failed" } });
});

test("doctor tells of a key that is not known, and of one that may not", async () => {
  const refusal = jsonAnswer({ code: 16, message: "Not known" }, 401);
  answers["/api/v1/status"] = errorAnswer(401, "Not known");
  answers["/v1/traces"] = refusal;
  const unknown = await doctor();
  expect(unknown.exitCode).toBe(1);
  expect(unknown.states).toMatchObject({ key: "failed", spans: "skipped" });
  answers["/api/v1/status"] = statusOf({});
  const reader = await doctor();
  expect(reader.exitCode).toBe(0);
  expect(reader.states).toMatchObject({ key: "ok", spans: "skipped" });
  answers["/api/v1/status"] = errorAnswer(403, "For ingest");
  answers["/v1/traces"] = jsonAnswer({});
  const sender = await doctor();
  expect(sender.exitCode).toBe(1);
  expect(sender.states).toMatchObject({ key: "failed", spans: "ok" });
});

test("doctor sends with the key that is for it", async () => {
  await doctor(["--key", "tck_read", "--ingest-key", "tck_send"]);
  const keys = sink.requests.map((
    { path, headers },
  ) => [path.replace(/[0-9a-f]{32}/, "ID"), headers.authorization]);
  expect(Object.fromEntries(keys)).toEqual({
    "/health": "Bearer tck_read",
    "/api/v1/status": "Bearer tck_read",
    "/v1/traces": "Bearer tck_send",
    "/api/v1/traces/ID": "Bearer tck_read",
  });
});

test("doctor tells of shards and targets that do not answer", async () => {
  answers["/api/v1/status"] = statusOf({
    shards: [{ shard: 0, reachable: true }, { shard: 1, reachable: false }],
    outbox: [{
      target: "tempo",
      reachable: true,
      failures_in_a_row: 3,
      lag: 0,
    }],
  });
  const { states, checks } = await doctor();
  expect(states).toMatchObject({ storage: "failed", targets: "failed" });
  expect(checks.map(({ message }) => message))
    .toContain("spans do not get on to tempo");
});

test("doctor tells of spans that are rejected, or not found in MAX_FIND_MS", async () => {
  answers["/v1/traces"] = jsonAnswer({
    partialSuccess: { rejectedSpans: "1", errorMessage: "Too many services" },
  });
  const rejected = await doctor();
  expect(rejected.checks.at(-1)).toMatchObject({
    state: "failed",
    message: "Too many services",
  });
  answers["/v1/traces"] = jsonAnswer({});
  answers["trace"] = errorAnswer(404, "Not there");
  answers["/health"] = health(0);
  let nowMs = 0;
  const lost = await doctor([], { nowMs: () => nowMs += MAX_FIND_MS / 8 });
  expect(lost.checks.at(-1)?.message).toContain("was taken, and not found");
});

test("doctor advises against a key on its way in the open", async () => {
  const { stdout } = await tryCli([
    "doctor",
    "--url",
    "http://tracecore.invalid",
    "--key",
    "tck_1",
  ]);
  expect(stdout).toContain("✗ address: http://tracecore.invalid");
  expect(stdout).toContain("→ Use https");
});

async function doctor(
  words: readonly string[] = [],
  options: { readonly nowMs?: () => number } = {},
) {
  const trial = await tryCli(
    ["doctor", "--json", "--url", sink.url, ...words],
    options,
  );
  const { checks } = JSON.parse(trial.stdout) as { checks: Check[] };
  const states = Object.fromEntries(
    checks.map(({ name, state }) => [name, state]),
  );
  return { ...trial, checks, states };
}

function health(nowMs: number) {
  return jsonAnswer({
    status: "ok",
    version: "1.2.3",
    timestamp: new Date(nowMs).toISOString(),
  });
}

function statusOf(status: object) {
  return jsonAnswer({
    shards: [{ shard: 0, reachable: true }],
    outbox: [],
    ...status,
  });
}
