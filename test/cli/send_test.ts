import { afterEach, beforeEach, expect, test } from "vitest";
import { MAX_TRACES_PER_REQUEST } from "../../src/cli/send_traces.ts";
import { databaseMs } from "../../src/cli/generated_trace.ts";
import type { ExportRequest } from "../../src/local/otlp_json.ts";
import { HttpSink } from "../harness/http_sink.ts";
import { tryCli } from "./cli_trial.ts";
import { errorAnswer, jsonAnswer } from "./json_sink.ts";

let sink: HttpSink;
beforeEach(async () => {
  sink = await HttpSink.start();
  sink.answer = jsonAnswer({});
});
afterEach(() => sink.stop());

test("send sends each of its traces once, as many of them failed as told", async () => {
  const { exitCode, stdout } = await send("--traces", "40", "--errors", "0.25");
  expect(exitCode).toBe(0);
  expect(stdout).toContain(
    "Sent 40 traces of test-frontend, 10 of them failed",
  );
  const spans = sentSpans();
  const traces = Map.groupBy(spans, ({ traceId }) => traceId);
  expect(traces.size).toBe(40);
  expect([...traces.values()].every((own) => own.length === 4)).toBe(true);
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(160);
  const failed = spans.filter(({ status }) => status.code === 2);
  expect(failed).toHaveLength(40);
});

test("send makes spans that lie within their parent's time", async () => {
  await send("--traces", "3");
  const spans = sentSpans();
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  for (const span of spans) {
    const parent = byId.get(span.parentSpanId ?? "");
    if (parent === undefined) continue;
    expect(span.startTimeUnixNano >= parent.startTimeUnixNano).toBe(true);
    expect(span.endTimeUnixNano <= parent.endTimeUnixNano).toBe(true);
  }
  const databases = spans.filter(({ name }) => name === "SELECT").map((span) =>
    Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6
  );
  expect(databases).toEqual([0, 1, 2].map(databaseMs));
});

test("send keeps to its rate, and to MAX_TRACES_PER_REQUEST", async () => {
  let nowMs = 0;
  const { exitCode } = await tryCli(
    ["send", "--rate", "5000", "--duration", "1s", "--url", sink.url],
    // Ten times as fast as the clock: 500 are due at each look.
    { nowMs: () => nowMs += 100 },
  );
  expect(exitCode).toBe(0);
  const sizes = requests().map(({ resourceSpans }) => resourceSpans.length / 2);
  expect(Math.max(...sizes)).toBe(MAX_TRACES_PER_REQUEST);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(5000);
});

test("send tells of rejected spans", async () => {
  sink.answer = jsonAnswer({
    partialSuccess: { rejectedSpans: "2", errorMessage: "too many" },
  });
  const { stdout } = await send("--traces", "1", "--json");
  expect(JSON.parse(stdout)).toMatchObject({ traces: 1, rejected_spans: 2 });
});

test("send sends again what met a passing fault", async () => {
  const fault = errorAnswer(503, "Away");
  sink.answer = () =>
    sink.requests.length === 1
      ? { ...fault, headers: { ...fault.headers, "retry-after": "0" } }
      : jsonAnswer({});
  expect((await send("--traces", "1")).exitCode).toBe(0);
  const [first, second] = sink.requests.map(({ body }) => body);
  expect(second).toEqual(first);
});

test("send ends with 4 where its key may not", async () => {
  sink.answer = jsonAnswer(
    { code: 7, message: "This key is for reading" },
    403,
  );
  expect(await send("--traces", "1")).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining("This key is for reading"),
  });
});

function send(...words: readonly string[]) {
  return tryCli(["send", "--rate", "5000", ...words, "--url", sink.url]);
}

function requests(): ExportRequest[] {
  return sink.requests.map(({ body }) =>
    JSON.parse(new TextDecoder().decode(body))
  );
}

function sentSpans() {
  return requests().flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) => spans)
    )
  );
}
