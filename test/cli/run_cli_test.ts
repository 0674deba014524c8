import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HttpSink } from "../harness/http_sink.ts";
import { temporaryFolder } from "../harness/temporary_folder.ts";
import { MAX_LISTED } from "../../src/cli/all_pages.ts";
import { MAX_SEND_RATE, MAX_SENT_TRACES } from "../../src/cli/commands/send.ts";
import { MAX_WATCH_COUNT } from "../../src/cli/commands/watch.ts";
import { tryCli } from "./cli_trial.ts";
import { answersByPath, errorAnswer, jsonAnswer } from "./json_sink.ts";

const WINDOW = {
  window_start: "2026-01-31T12:00:00.000Z",
  window_end: "2026-01-31T12:05:00.000Z",
  timestamp: "2026-01-31T12:05:00.000Z",
  warnings: [],
};
const NO_SERVICES = { services: [], count: 0, ...WINDOW };

let sink: HttpSink;
beforeEach(async () => {
  sink = await HttpSink.start();
  sink.answer = answersByPath({
    "/api/v1/services": jsonAnswer(NO_SERVICES),
  });
});
afterEach(() => sink.stop());

test.each([
  [400, 2],
  [401, 4],
  [403, 4],
  [404, 3],
  [409, 2],
  [429, 5],
  [500, 70],
  [502, 70],
  [503, 5],
])("runCli() turns status %i into exit code %i", async (status, exitCode) => {
  const answer = errorAnswer(status, "It is so");
  sink.answer = {
    ...answer,
    headers: { ...answer.headers, "retry-after": "99" },
  };
  const trial = await run("services");
  expect(trial.exitCode).toBe(exitCode);
  expect(trial.stdout).toBe("");
  expect(trial.stderr).toMatch(/^tracecore: It is so\n/);
});

test("runCli() shows what is wrong with each parameter", async () => {
  const details = [{ parameter: "start", value: "x", problem: "must be y" }];
  sink.answer = jsonAnswer(
    { error: "Wrong", status: 400, timestamp: 1, details },
    400,
  );
  expect((await run("services", "--start", "x")).stderr)
    .toBe('tracecore: Wrong\n  start "x": must be y\n');
});

test("runCli() says what to do where nobody answers", async () => {
  const { exitCode, stderr } = await tryCli([
    "services",
    "--url",
    "http://127.0.0.1:1",
  ]);
  expect(exitCode).toBe(5);
  expect(stderr).toContain("Cannot reach http://127.0.0.1:1: ");
  expect(stderr).toContain("Give --url, or set TRACECORE_URL");
});

test.each([
  [[]],
  [["frobnicate"]],
  [["services", "--depth", "1"]],
  [["services", "a", "b"]],
  [["trace"]],
  [["servicemap", "--depth", "11"]],
  [["servicemap", "--direction", "sideways"]],
  [["completion", "tcsh"]],
  [["keys", "create", "ci"]],
  [["correlate"]],
  [["correlate", "--service", "a", "--anomaly", "b"]],
  [["watch", "--interval", "0.1s"]],
  [["query", "--limit", "0"]],
  [["query", "--limit", String(MAX_LISTED + 1)]],
  [["send", "--rate", String(MAX_SEND_RATE + 1)]],
  [["send", "--traces", String(MAX_SENT_TRACES + 1)]],
  [["watch", "--count", String(MAX_WATCH_COUNT + 1)]],
  [["send", "--errors", "1.5"]],
])("runCli(%j) is a wrong use: 2, and nothing is asked", async (words) => {
  const { exitCode, stdout, stderr } = await run(...words);
  expect(exitCode).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).not.toBe("");
  expect(sink.requests).toEqual([]);
});

test.each([
  ["query", "--limit", String(MAX_LISTED)],
  ["watch", "--count", String(MAX_WATCH_COUNT)],
])("runCli() takes %s %s %s", async (...words) => {
  sink.answer = errorAnswer(404, "Gone");
  expect((await run(...words)).exitCode).toBe(3);
});

test.each([
  ["--rate", String(MAX_SEND_RATE)],
  ["--traces", String(MAX_SENT_TRACES)],
])("runCli() takes send %s %s", async (...words) => {
  expect((await run("send", ...words)).exitCode).toBe(3);
});

test("runCli() prints help and version to stdout, and ends well", async () => {
  const help = await run("--help");
  expect(help).toMatchObject({ exitCode: 0, stderr: "" });
  expect(help.stdout).toContain("TRACECORE_URL");
  expect(await run("--version")).toMatchObject({ exitCode: 0, stderr: "" });
});

test("runCli() takes common flags before and after the command", async () => {
  await tryCli(["--key", "tck_a", "services", "--url", sink.url]);
  await tryCli(["services", "--url", sink.url, "--key", "tck_b"]);
  expect(sink.requests.map(({ headers }) => headers.authorization))
    .toEqual(["Bearer tck_a", "Bearer tck_b"]);
});

test("runCli() writes an answer into a file by its ending", async () => {
  const file = join(temporaryFolder(), "services.json");
  const trial = await run("services", "--output", file);
  expect(trial).toEqual({ exitCode: 0, stdout: "", stderr: `Wrote ${file}\n` });
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(NO_SERVICES);
  const drawn = file.replace(".json", ".dot");
  expect(await run("services", "--output", drawn))
    .toMatchObject({ exitCode: 2, stderr: expect.stringContaining(".json") });
  expect(existsSync(drawn)).toBe(false);
  expect((await run("services", "--output", "/no/folder/a.json")).exitCode)
    .toBe(2);
});

test("runCli() tells warnings beside the answer", async () => {
  sink.answer = jsonAnswer({ ...NO_SERVICES, warnings: ["It is cut"] });
  const trial = await run("services", "--json");
  expect(trial.stderr).toBe("Warning: It is cut\n");
  expect(JSON.parse(trial.stdout)).toMatchObject({ warnings: ["It is cut"] });
});

test("runCli() ends with 130 where it is interrupted", async () => {
  sink.answer = "hang";
  const control = new AbortController();
  const trial = tryCli(["services", "--url", sink.url], {
    signal: control.signal,
  });
  await sink.received(1);
  control.abort();
  expect(await trial).toEqual({ exitCode: 130, stdout: "", stderr: "" });
});

test("runCli() shows no control characters of others", async () => {
  const service = "bad\u001b]0;title\u0007\u202e";
  sink.answer = jsonAnswer({
    ...NO_SERVICES,
    services: [serviceNamed(service)],
  });
  const { stdout } = await run("services");
  expect(stdout).toContain("bad\ufffd]0;title\ufffd\ufffd");
  expect(stdout.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
});

test("runCli() has colours only where the terminal has them", async () => {
  sink.answer = jsonAnswer({ ...NO_SERVICES, services: [serviceNamed("web")] });
  const words = ["services", "--url", sink.url];
  const plain = await tryCli(words);
  const coloured = await tryCli(words, { colours: true });
  expect(plain.stdout).not.toContain("\u001b");
  expect(coloured.stdout).toContain("\u001b[1mweb\u001b[22m");
  expect(stripVTControlCharacters(coloured.stdout)).toBe(plain.stdout);
});

test("runCli() follows the pages of a query up to its limit", async () => {
  sink.answer = ({ path }) => {
    const query = new URLSearchParams(path.split("?")[1]);
    const page = Number(query.get("cursor") ?? 0);
    const limit = Number(query.get("limit"));
    return jsonAnswer({
      traces: Array.from(
        { length: Math.min(limit, 500) },
        (_, at) => traceNumber(page * 500 + at),
      ),
      count: 0,
      next_cursor: String(page + 1),
      warnings: ["There may be more"],
    });
  };
  const trial = await run("query", "--limit", "1200", "--json", "--error");
  const { traces, count } = JSON.parse(trial.stdout);
  expect(count).toBe(1200);
  expect(traces.map((trace: { trace_id: string }) => trace.trace_id))
    .toEqual(Array.from({ length: 1200 }, (_, at) => String(at)));
  expect(sink.requests.map(({ path }) => path)).toEqual([
    "/api/v1/traces?error=true&limit=500",
    "/api/v1/traces?error=true&limit=500&cursor=1",
    "/api/v1/traces?error=true&limit=200&cursor=2",
  ]);
  expect(trial.stderr).toBe("Warning: There may be more\n");
});

test.each([
  ["drift", "drift_events", { timestamp: "", id: "a", severity: "low" }],
  ["anomalies", "anomalies", { id: "a" }],
  ["resources", "resources", { id: "a", services: [] }],
])("runCli() follows the pages of %s", async (command, list, entry) => {
  sink.answer = ({ path }) => {
    const query = new URLSearchParams(path.split("?")[1]);
    const page = Number(query.get("cursor") ?? 0);
    const entries = Array.from(
      { length: Number(query.get("limit")) },
      () => entry,
    );
    return jsonAnswer({
      [list]: entries,
      count: entries.length,
      next_cursor: String(page + 1),
      graph: null,
    });
  };
  const { stdout } = await run(command, "--limit", "2500", "--json");
  const answer = JSON.parse(stdout);
  expect([answer.count, answer[list].length]).toEqual([2500, 2500]);
  const cursors = sink.requests.map(({ path }) =>
    new URLSearchParams(path.split("?")[1]).get("cursor")
  );
  expect(cursors).toEqual([
    null,
    ...cursors.slice(1).map((_, at) => `${at + 1}`),
  ]);
  expect(answer.next_cursor).toBe(String(cursors.length));
});

test("runCli() watches as often as it is told, clearing a terminal", async () => {
  const words = ["watch", "--count", "2", "--interval", "0.5s"];
  const trial = await run(...words);
  expect(trial.stdout.match(/the last 1m/g)).toHaveLength(2);
  expect(trial.stdout).not.toContain("\u001b");
  const shown = await tryCli([...words, "--url", sink.url], { isTTY: true });
  expect(shown.stdout.split("\u001b[2J")).toHaveLength(3);
});

test("runCli() watches on while the service is away", async () => {
  const fault = errorAnswer(503, "Storage is away");
  const headers = { ...fault.headers, "retry-after": "99" };
  sink.answer = () =>
    sink.requests.length === 1
      ? { ...fault, headers }
      : jsonAnswer(NO_SERVICES);
  const words = ["watch", "--interval", "0.5s", "--count"];
  const trial = await run(...words, "2");
  expect(trial).toMatchObject({
    exitCode: 0,
    stderr: "tracecore: Storage is away\n",
  });
  expect(trial.stdout.match(/the last 1m/g)).toHaveLength(1);
  sink.requests.length = 0;
  expect((await run(...words, "1")).exitCode).toBe(5);
});

function run(...words: readonly string[]) {
  return tryCli([...words, "--url", sink.url]);
}

function serviceNamed(service_name: string) {
  return {
    service_name,
    id: service_name,
    namespace: "",
    environment: "",
    type: "web",
    request_rate: 1,
    error_rate: 0.5,
    p50_latency: 1e6,
    p95_latency: 2e6,
    p99_latency: 3e6,
    resource_ids: [],
  };
}

function traceNumber(number: number) {
  return {
    trace_id: String(number),
    root_service: "web",
    root_operation: "GET /",
    start_time: "2026-01-31T12:00:00.000Z",
    duration: 1,
    span_count: 1,
    error_count: 0,
    services: ["web"],
  };
}
