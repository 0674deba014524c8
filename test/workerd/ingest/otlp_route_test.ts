import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RETRY_AFTER_S } from "../../../src/http/json_error.ts";
import { ByteReader } from "../../../src/codec/byte_reader.ts";
import { exportJson, exportProtobuf } from "../../ingest/export_request.ts";
import { compress, joined } from "./compress.ts";
import {
  bytesOf,
  ENCODINGS,
  JSON_TYPE,
  OPEN,
  OtlpTrial,
  PROTOBUF,
  readStatus,
  type Sent,
} from "./otlp_trial.ts";

const MIB = 1024 * 1024;

let trial: OtlpTrial;
let logged: string[];

beforeEach(() => {
  trial = new OtlpTrial();
  logged = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => {
    logged.push(line);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

for (const [encoding, headers, exported] of ENCODINGS) {
  const empty = new TextEncoder().encode(encoding === "json" ? "{}" : "");
  const type = headers["content-type"];

  test(`otlpRoutes() takes ${encoding} and answers with an empty message`, async () => {
    const answer = await trial.send({ headers, body: exported(3) });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe(type);
    expect(await bytesOf(answer)).toEqual(empty);
    expect(trial.spansDelivered()).toBe(3);
    expect(trial.delivered[0]?.batch.spans[0]?.resource.serviceName).toBe(
      "cart",
    );
    expect(trial.delivered[0]?.context.caller.tenant).toBe("default");
    expect(trial.delivered[0]?.context.settings.open).toBe(true);
  });

  test.each(["gzip", "deflate", "deflate-raw"] as const)(
    `otlpRoutes() takes ${encoding} compressed with %s`,
    async (format) => {
      const coding = format === "gzip" ? "GZip" : "deflate";
      const answer = await trial.send({
        headers: { ...headers, "content-encoding": coding },
        body: await compress(exported(5), format),
      });
      expect(answer.status).toBe(200);
      expect(trial.spansDelivered()).toBe(5);
    },
  );

  test(`otlpRoutes() takes an empty ${encoding} request as a success`, async () => {
    const body = encoding === "json" ? "{}" : new Uint8Array();
    const answer = await trial.send({ headers, body });
    expect(answer.status).toBe(200);
    expect(await bytesOf(answer)).toEqual(empty);
    expect(trial.delivered).toEqual([]);
  });

  test(`otlpRoutes() says in ${encoding} how many spans are rejected and why`, async () => {
    const answer = await trial.send({ headers, body: exported(2, 3) });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe(type);
    expect(trial.spansDelivered()).toBe(2);
    const why = "trace_id is all zeros";
    if (encoding === "json") {
      expect(await answer.json()).toEqual({
        partialSuccess: {
          rejectedSpans: "3",
          errorMessage: expect.stringContaining(why),
        },
      });
      return;
    }
    const response = new ByteReader(await bytesOf(answer));
    expect(response.byte()).toBe(0x0a);
    const partial = new ByteReader(response.bytes());
    expect(response.done).toBe(true);
    expect([partial.byte(), partial.varint()]).toEqual([0x08, 3]);
    expect(partial.byte()).toBe(0x12);
    expect(partial.string()).toContain(why);
    expect(partial.done).toBe(true);
  });

  test(`otlpRoutes() takes a ${encoding} request of rejected spans alone`, async () => {
    const answer = await trial.send({ headers, body: exported(0, 1) });
    expect(answer.status).toBe(200);
    expect(trial.delivered).toEqual([]);
  });

  const errors: readonly (readonly [string, number, number, Sent])[] = [
    ["GET", 405, 12, { method: "GET" }],
    ["PUT", 405, 12, { method: "PUT", body: "x" }],
    ["DELETE", 405, 12, { method: "DELETE" }],
    ["another coding", 415, 3, {
      headers: { "content-encoding": "zstd" },
      body: "x",
    }],
    ["a body that does not parse", 400, 3, { body: "\x0f{" }],
    ["what is no gzip", 400, 3, {
      headers: { "content-encoding": "gzip" },
      body: "abc",
    }],
    ["more bytes than MAX_BODY_BYTES", 413, 8, {
      body: new Uint8Array(11),
      env: { ...OPEN, MAX_BODY_BYTES: "10" },
    }],
    ["no key", 401, 16, { env: { ADMIN_KEY: "k".repeat(20) }, body: "" }],
    ["a wrong key", 403, 7, {
      env: { ADMIN_KEY: "k".repeat(20) },
      headers: { authorization: "Bearer wrong" },
      body: "",
    }],
    ["no ADMIN_KEY", 503, 14, { env: {}, body: "" }],
    ["a wrong variable", 503, 14, {
      env: { ...OPEN, TRACE_SHARDS: "none" },
      body: "",
    }],
    ["another origin", 403, 7, {
      env: { ...OPEN, ALLOWED_ORIGINS: "https://shop.example" },
      headers: { origin: "https://other.example" },
      body: "",
    }],
    ["metrics", 404, 12, { path: "/v1/metrics", body: "" }],
    ["logs", 404, 12, { path: "/v1/logs", body: "" }],
    ["another path", 404, 12, { path: "/v1/traces/x", body: "" }],
  ];
  test.each(errors)(
    `otlpRoutes() answers %s with %i and a Status in ${encoding}`,
    async (_, status, code, sent) => {
      const answer = await trial.send({
        ...sent,
        headers: { ...headers, ...sent.headers },
      });
      expect(answer.status).toBe(status);
      const found = await readStatus(answer);
      expect(found.code).toBe(code);
      expect(found.type).toBe(type);
      expect(found.message).toMatch(/^[A-Z].{20,}[^.]$/);
      expect(trial.delivered).toEqual([]);
    },
  );

  test(`otlpRoutes() says 503 and when to retry where delivery fails: ${encoding}`, async () => {
    const deliver = () => Promise.reject(new Error("Storage is busy"));
    trial.targets = { ...trial.targets, deliver };
    const answer = await trial.send({ headers, body: exported(1) });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe(String(RETRY_AFTER_S));
    expect((await readStatus(answer)).code).toBe(14);
    expect(logged.length).toBe(1);
    expect(JSON.parse(logged[0] ?? "")).toMatchObject({
      event: "delivery_failed",
      spans: 1,
      error: "Error: Storage is busy",
    });
  });
}

test("otlpRoutes() answers in JSON where the type is not known: 415", async () => {
  for (const type of ["text/plain", "application/protobuf"]) {
    const answer = await trial.send({
      headers: { "content-type": type },
      body: "x",
    });
    expect(answer.status).toBe(415);
    const found = await readStatus(answer);
    expect(found.type).toBe("application/json");
    expect(found.message).toContain(type);
  }
});

test("otlpRoutes() takes no JSON body at all as one that does not parse", async () => {
  const answer = await trial.send({ headers: JSON_TYPE });
  expect(answer.status).toBe(400);
});

test("otlpRoutes() says where a body stops to parse", async () => {
  const cut = exportProtobuf(2).slice(0, -1);
  const protobuf = await trial.send({ headers: PROTOBUF, body: cut });
  expect((await readStatus(protobuf)).message).toMatch(/\b\d+\b/);
  const wrong = '{"resourceSpans":[{"scopeSpans":7}]}';
  const json = await trial.send({ headers: JSON_TYPE, body: wrong });
  expect(json.status).toBe(400);
  expect((await readStatus(json)).message).toContain("scopeSpans");
});

test("otlpRoutes() takes parameters of the content type", async () => {
  const headers = { "content-type": "application/json; charset=utf-8" };
  const answer = await trial.send({ headers, body: exportJson(1) });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/json");
});

test("otlpRoutes() says with Allow what it takes", async () => {
  const answer = await trial.send({ method: "GET" });
  expect(answer.status).toBe(405);
  expect(answer.headers.get("allow")).toBe("POST, OPTIONS");
  const head = await trial.send({ method: "HEAD" });
  expect(head.status).toBe(405);
  expect(await head.text()).toBe("");
});

test("otlpRoutes() says which signals are taken", async () => {
  for (const signal of ["metrics", "logs"]) {
    const answer = await trial.send({
      path: `/v1/${signal}`,
      headers: JSON_TYPE,
    });
    const { message } = await readStatus(answer);
    expect(message).toContain("only traces are taken, at /v1/traces");
  }
});

test("otlpRoutes() asks for a key with WWW-Authenticate", async () => {
  const env = { ADMIN_KEY: "k".repeat(20) };
  const answer = await trial.send({ env, headers: PROTOBUF });
  expect(answer.status).toBe(401);
  expect(answer.headers.get("www-authenticate")).toBe("Bearer");
});

test("otlpRoutes() takes the key in either header and as a parameter", async () => {
  const key = "k".repeat(20);
  const env = { ADMIN_KEY: key };
  const body = exportProtobuf(1);
  const ways: readonly Sent[] = [
    { headers: { ...PROTOBUF, authorization: `Bearer ${key}` } },
    { headers: { ...PROTOBUF, "x-tracecore-key": key } },
    { headers: PROTOBUF, path: `/v1/traces?key=${key}` },
  ];
  for (const way of ways) {
    expect((await trial.send({ ...way, env, body })).status).toBe(200);
  }
  expect(trial.spansDelivered()).toBe(ways.length);
});

test("otlpRoutes() counts received and inflated bytes apart", async () => {
  const json = exportJson(20);
  const gzip = await compress(json);
  const headers = { ...JSON_TYPE, "content-encoding": "gzip" };
  const limited = (received: number, inflated: number) => ({
    ...OPEN,
    MAX_BODY_BYTES: String(received),
    MAX_INFLATED_BYTES: String(inflated),
  });
  const statuses = await Promise.all([
    [gzip.length, json.length],
    [gzip.length - 1, json.length],
    [gzip.length, json.length - 1],
  ].map(async ([received = 0, inflated = 0]) => {
    const env = limited(received, inflated);
    return (await trial.send({ headers, body: gzip, env })).status;
  }));
  expect(statuses).toEqual([200, 413, 413]);
});

test("otlpRoutes() has limits of 4 MiB and 20 MiB by default", async () => {
  const spaces = (count: number) => "{}" + " ".repeat(count - 2);
  const gzip = { ...JSON_TYPE, "content-encoding": "gzip" };
  const sent: readonly Sent[] = [
    { headers: JSON_TYPE, body: spaces(4 * MIB) },
    { headers: JSON_TYPE, body: spaces(4 * MIB + 1) },
    { headers: gzip, body: await compress(spaces(20 * MIB)) },
    { headers: gzip, body: await compress(spaces(20 * MIB + 1)) },
  ];
  const statuses = [];
  for (const one of sent) statuses.push((await trial.send(one)).status);
  expect(statuses).toEqual([200, 413, 200, 413]);
});

test("otlpRoutes() says 400 for concatenated gzip members", async () => {
  const member = await compress("{}");
  const answer = await trial.send({
    headers: { ...JSON_TYPE, "content-encoding": "gzip" },
    body: joined(member, member),
  });
  expect(answer.status).toBe(400);
  expect((await readStatus(answer)).message).toContain("one whole gzip stream");
});

const PREFLIGHT = {
  origin: "https://shop.example",
  "access-control-request-method": "POST",
  "access-control-request-headers": "content-type,traceparent",
};

test.each(["/v1/traces", "/v1/metrics", "/v1/traces?key=x"])(
  "otlpRoutes() answers a preflight for %s without a key",
  async (path) => {
    const answer = await trial.send({
      method: "OPTIONS",
      path,
      headers: PREFLIGHT,
      env: { ADMIN_KEY: "k".repeat(20) },
    });
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toEqual({
      vary: "Origin",
      "access-control-allow-origin": "https://shop.example",
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "retry-after",
      "access-control-allow-methods": "POST",
      "access-control-allow-headers":
        "content-type, content-encoding, authorization, x-tracecore-key, " +
        "traceparent, tracestate, baggage",
      "access-control-max-age": "7200",
    });
  },
);

test("otlpRoutes() refuses another origin's preflight", async () => {
  const env = { ...OPEN, ALLOWED_ORIGINS: "https://other.example" };
  const answer = await trial.send({
    method: "OPTIONS",
    headers: PREFLIGHT,
    env,
  });
  expect(answer.status).toBe(403);
  expect(answer.headers.has("access-control-allow-origin")).toBe(false);
  expect(answer.headers.get("vary")).toBe("Origin");
});

test("otlpRoutes() gives CORS headers to success and to every error", async () => {
  const { origin } = PREFLIGHT;
  const key = { ADMIN_KEY: "k".repeat(20) };
  const answers: readonly (readonly [number, Sent])[] = [
    [200, { headers: PROTOBUF, body: exportProtobuf(1) }],
    [400, { headers: JSON_TYPE, body: "[" }],
    [401, { headers: PROTOBUF, env: key }],
    [403, { headers: { ...PROTOBUF, "x-tracecore-key": "x" }, env: key }],
    [404, { path: "/v1/logs" }],
    [405, { method: "GET" }],
    [413, { headers: PROTOBUF, body: new Uint8Array(5 * MIB) }],
    [415, { headers: { "content-type": "text/plain" }, body: "x" }],
    [503, { headers: PROTOBUF, env: { ADMIN_KEY: "" } }],
  ];
  for (const [status, sent] of answers) {
    const answer = await trial.send({
      ...sent,
      headers: { ...sent.headers, origin },
    });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
    expect(answer.headers.get("vary")).toBe("Origin");
  }
});

test("otlpRoutes() gives CORS headers where delivery fails", async () => {
  trial.targets = {
    ...trial.targets,
    deliver: () => Promise.reject(new Error("busy")),
  };
  const answer = await trial.send({
    headers: { ...PROTOBUF, origin: PREFLIGHT.origin },
    body: exportProtobuf(1),
  });
  expect(answer.status).toBe(503);
  expect(answer.headers.get("access-control-allow-origin"))
    .toBe(PREFLIGHT.origin);
});

test("otlpRoutes() says 500 in a Status for a fault of its own", async () => {
  const env = {
    get TRACECORE_OPEN(): string {
      throw new TypeError("A fault of our own");
    },
  };
  const body = exportProtobuf(1);
  const own = await trial.send({ headers: PROTOBUF, body, env });
  expect(own.status).toBe(500);
  expect((await readStatus(own)).code).toBe(13);
});

test("otlpRoutes() reads the configured sampling attribute", async () => {
  const env = { ...OPEN, SAMPLING_ATTRIBUTE: "sampling.ratio" };
  const json = JSON.parse(exportJson(1));
  json.resourceSpans[0].scopeSpans[0].spans[0].attributes = [
    { key: "sampling.ratio", value: { doubleValue: 0.25 } },
  ];
  await trial.send({ headers: JSON_TYPE, body: JSON.stringify(json), env });
  expect(trial.delivered[0]?.batch.spans[0]?.attributes?.sampling).toBe("0.25");
});
