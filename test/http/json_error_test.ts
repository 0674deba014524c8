import type { JsonError } from "../../src/http/error_schema.ts";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { badRequest, HttpProblem } from "../../src/http/http_problem.ts";
import {
  answerError,
  jsonError,
  RETRY_AFTER_S,
} from "../../src/http/json_error.ts";
import { MAX_LOGGED_TEXT } from "../../src/http/log.ts";
import { readSettings } from "../../src/settings.ts";

const request = new Request("https://tracecore.example/api/v1/x?key=secret");
let logged: string[] = [];

beforeEach(() => {
  logged = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => {
    logged.push(line);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

function read(answer: Response): Promise<JsonError> {
  return answer.json<JsonError>();
}

test("jsonError() has AirDig's shape, with the time in seconds", async () => {
  const before = Math.floor(Date.now() / 1000);
  const answer = jsonError(404, "Cannot find it");
  const { timestamp, ...rest } = await read(answer);
  expect(answer.status).toBe(404);
  expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
  expect(rest).toEqual({ error: "Cannot find it", status: 404 });
  expect(Number.isInteger(timestamp)).toBe(true);
  expect(timestamp - before).toBeLessThanOrEqual(60);
  expect(timestamp).toBeGreaterThanOrEqual(before);
});

test("answerError() answers a problem as it is, with details", async () => {
  const details = [{ parameter: "end", value: "x", problem: "is no time" }];
  const answer = answerError(badRequest("Cannot read it", details), request);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({
    error: "Cannot read it",
    status: 400,
    details,
  });
  expect(logged).toEqual([]);
});

test("answerError() keeps a problem's headers", () => {
  const headers = { "retry-after": "7" };
  const problem = new HttpProblem(429, "Too many", { headers });
  expect(answerError(problem, request).headers.get("retry-after")).toBe("7");
});

test.each([
  ["an overloaded object", Object.assign(new Error("x"), { overloaded: true })],
  ["a restarted object", Object.assign(new Error("x"), { retryable: true })],
  ["D1", new Error("D1_ERROR: Network connection lost.")],
  [
    "D1 as drizzle wraps it",
    new Error("Failed query", { cause: new Error("D1_ERROR: timeout") }),
  ],
])("answerError() says 503 and when to retry: %s", (_, fault) => {
  const answer = answerError(fault, request);
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe(String(RETRY_AFTER_S));
  expect(logged.length).toBe(1);
});

test("answerError() says 503 and why where a variable is wrong", async () => {
  let fault: unknown;
  try {
    readSettings({ TRACE_SHARDS: "many" });
  } catch (error) {
    fault = error;
  }
  const answer = answerError(fault, request);
  expect(answer.status).toBe(503);
  expect((await read(answer)).error).toContain('TRACE_SHARDS: "many"');
});

test("answerError() says 500 and shows nothing of another fault", async () => {
  const answer = answerError(new TypeError("inner detail"), request);
  expect(answer.status).toBe(500);
  expect((await read(answer)).error).not.toContain("inner detail");
  expect(answer.headers.has("retry-after")).toBe(false);
});

test.each([
  ["a text", "thrown text"],
  ["an object that says false", { overloaded: true }],
  ["false marks", Object.assign(new Error("x"), { retryable: false })],
])("answerError() says 500 for %s", (_, fault) => {
  expect(answerError(fault, request).status).toBe(500);
});

test("answerError() follows a circle of causes to an end", () => {
  const fault = new Error("circle");
  fault.cause = fault;
  expect(answerError(fault, request).status).toBe(500);
});

test("answerError() logs one line of JSON, without the query", () => {
  answerError(new TypeError("inner detail\nsecond line"), request);
  expect(logged.length).toBe(1);
  expect(logged[0]).not.toContain("\n");
  expect(logged[0]).not.toContain("secret");
  expect(JSON.parse(logged[0] ?? "")).toMatchObject({
    level: "error",
    event: "request_failed",
    method: "GET",
    pathname: "/api/v1/x",
    error: "TypeError: inner detail\nsecond line",
  });
});

test("logFault() cuts a text above MAX_LOGGED_TEXT and none at it", () => {
  const head = "Error: ".length;
  answerError(new Error("m".repeat(MAX_LOGGED_TEXT - head)), request);
  answerError(new Error("m".repeat(MAX_LOGGED_TEXT - head + 1)), request);
  const [whole, cut] = logged.map((line) => JSON.parse(line).error);
  expect(whole.length).toBe(MAX_LOGGED_TEXT);
  expect(cut).toBe(`${whole}…`);
});
