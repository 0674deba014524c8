import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OPERATOR } from "../../src/access/caller.ts";
import {
  MAX_LOGGED_PER_MINUTE,
  RequestLog,
} from "../../src/http/request_log.ts";
import { RequestRecord } from "../../src/http/request_record.ts";
import type { ServedRequest } from "../../src/http/served_request.ts";

let logged: string[] = [];
let errors = 0;

beforeEach(() => {
  logged = [];
  errors = 0;
  vi.spyOn(console, "info").mockImplementation((line: string) => {
    logged.push(line);
  });
  vi.spyOn(console, "error").mockImplementation((line: string) => {
    logged.push(line);
    errors++;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

function served(status: number, endMs = 1025): ServedRequest {
  const record = new RequestRecord("id-1", 1000);
  return {
    method: "POST",
    route: null,
    path: "/v1/x",
    status,
    endMs,
    caller: null,
    bytesIn: 12,
    refusal: status < 400 ? null : "not_found",
    record,
  };
}

function lines(): Record<string, unknown>[] {
  return logged.map((line) => JSON.parse(line));
}

test("RequestLog.write() writes one line of JSON with all that is known", () => {
  const request = served(200);
  request.record.note({ spansAccepted: 3 });
  request.record.note({ spansRejected: 1 });
  const caller = { ...OPERATOR, tenant: "shop", keyId: "k1" };
  const route = "/v1/traces";
  new RequestLog().write({ ...request, caller, route }, "all");
  new RequestLog().write(served(404), "all");
  expect(lines()).toEqual([
    {
      level: "info",
      event: "request",
      request_id: "id-1",
      method: "POST",
      route: "/v1/traces",
      status: 200,
      duration_ms: 25,
      bytes_in: 12,
      tenant: "shop",
      key_id: "k1",
      spans_accepted: 3,
      spans_rejected: 1,
    },
    {
      level: "info",
      event: "request",
      request_id: "id-1",
      method: "POST",
      route: "/v1/x",
      status: 404,
      duration_ms: 25,
      bytes_in: 12,
      reason: "not_found",
    },
  ]);
});

test.each(
  [
    ["none", []],
    ["failed", [400, 500]],
    ["all", [200, 399, 400, 500]],
  ] as const,
)("RequestLog.write() logs of LOG_REQUESTS=%s %j", (mode, expected) => {
  const log = new RequestLog();
  for (const status of [200, 399, 400, 500]) log.write(served(status), mode);
  expect(lines().map(({ status }) => status)).toEqual(expected);
});

test("RequestLog.write() calls it an error from status 500 on", () => {
  const log = new RequestLog();
  for (const status of [499, 500]) log.write(served(status), "failed");
  expect(lines().map(({ level }) => level)).toEqual(["info", "error"]);
  expect(errors).toBe(1);
});

test("RequestLog.write() stops at MAX_LOGGED_PER_MINUTE, and says what it left out", () => {
  const log = new RequestLog();
  for (let i = 0; i < MAX_LOGGED_PER_MINUTE; i++) {
    log.write(served(404), "failed");
  }
  expect(logged.length).toBe(MAX_LOGGED_PER_MINUTE);
  log.write(served(404), "failed");
  log.write(served(404), "failed");
  expect(logged.length).toBe(MAX_LOGGED_PER_MINUTE);
  // A flood of refusals leaves room for a fault.
  log.write(served(503), "failed");
  expect(lines().at(-1)).toMatchObject({ event: "request", status: 503 });
  log.write(served(404, 60_000), "failed");
  expect(lines().slice(-2)).toMatchObject([
    { level: "info", event: "requests_not_logged", requests: 2 },
    { event: "request", status: 404 },
  ]);
  log.write(served(404, 60_001), "failed");
  expect(lines().at(-1)).toMatchObject({ event: "request" });
  expect(lines().at(-2)).toMatchObject({ event: "request" });
});
