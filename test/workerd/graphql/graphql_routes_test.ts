import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { graphqlAnswerSchema } from "../../../src/graphql/graphql_operations.ts";
import { ask, storedKey } from "../access/closed_service.ts";
import { askGraphql } from "./ask_graphql.ts";

const { text: key } = await storedKey({ scope: "read", tenant: "routes" });
const RESPONSE = "application/graphql-response+json";

async function codesOf(query: string): Promise<unknown[]> {
  const { errors } = await askGraphql(query, { key });
  return errors.map(({ extensions }) => extensions?.["code"]);
}

test("GET /graphql answers the schema as text, and a query as POST does", async () => {
  const schema = await ask("/graphql", { key });
  expect(schema.headers.get("content-type")).toContain("text/plain");
  const text = await schema.text();
  for (const name of ["type Query", "type Subscription", "type Resource"]) {
    expect(text).toContain(name);
  }
  expect(text).not.toContain("type Mutation");
  const query = encodeURIComponent(
    "query ($n: Int) { services(limit: $n) { id } }",
  );
  const got = await ask(`/graphql?query=${query}&variables={"n":1}`, { key });
  expect(got.status).toBe(200);
  expect(await got.json()).toEqual({ data: { services: [] } });
});

test("an answer is of the type that is asked for, and is kept by no cache", async () => {
  for (
    const [accept, type] of [
      [RESPONSE, RESPONSE],
      ["application/json", "application/json"],
      ["*/*", "application/json"],
    ] as const
  ) {
    const answer = await ask("/graphql", {
      method: "POST",
      key,
      headers: { accept },
      body: { query: "{ __typename }" },
    });
    expect(answer.headers.get("content-type")).toContain(type);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(graphqlAnswerSchema.parse(await answer.json()))
      .toEqual({ data: { __typename: "Query" } });
  }
});

test.each([
  ["an unknown field", "{ nothing }", 400],
  ["no field of an object", "{ serviceMap }", 400],
  ["no document", "{ services {", 400],
  ["an unknown argument", '{ services(strat: "1h") { id } }', 400],
  ["a word that is none", "{ driftEvents(severity: worse) { id } }", 400],
  ["a change", "mutation { deleteAll }", 400],
  [
    "two operations without a name",
    "query A { __typename } query B { __typename }",
    400,
  ],
])("%s is refused before anything is asked", async (_what, query, status) => {
  const answer = await askGraphql(query, { key });
  expect([answer.status, answer.data]).toEqual([status, null]);
  expect(answer.errors.length).toBeGreaterThan(0);
});

test.each([
  ["a time that is none", '{ services(start: "yesterday") { id } }', "start"],
  [
    "an end before the start",
    '{ driftEvents(start: "1h", end: "2h") { id } }',
    "end",
  ],
  ["a cursor that is none", '{ driftEvents(cursor: "next") { id } }', "cursor"],
  [
    "another cursor that is none",
    '{ traces(cursor: "next") { count } }',
    "cursor",
  ],
  ["a limit that is too high", "{ anomalies(limit: 201) { id } }", "limit"],
  [
    "a depth without a service",
    "{ serviceMap(depth: 2) { timestamp } }",
    "depth",
  ],
  [
    "a duration that is none",
    '{ traces(minDuration: "long") { count } }',
    "minDuration",
  ],
  ["an empty name", '{ service(name: "") { id } }', "name"],
  [
    "a window that is too short",
    '{ correlation(driftEventId: "x", window: "1m") { verdict } }',
    "window",
  ],
])("%s is told by its name", async (_what, query, parameter) => {
  const { status, errors } = await askGraphql(query, { key });
  expect(status).toBe(200);
  expect(errors).toMatchObject([{
    extensions: {
      code: "BAD_USER_INPUT",
      status: 400,
      details: [{ parameter }],
    },
  }]);
});

test("what is not there is null, with NOT_FOUND; the rest is answered", async () => {
  const { data, errors } = await askGraphql(
    `{ service(name: "nobody") { id } trace(id: "1") { duration }
      driftEvent(id: "none") { id } anomaly(id: "none") { id }
      resource(id: "none") { id } services { id } }`,
    { key },
  );
  expect(data).toEqual({
    service: null,
    trace: null,
    driftEvent: null,
    anomaly: null,
    resource: null,
    services: [],
  });
  expect(errors.map(({ extensions }) => extensions?.["code"]))
    .toEqual(Array.from({ length: 5 }, () => "NOT_FOUND"));
  expect(await codesOf('{ trace(id: "no id") { duration } }'))
    .toEqual(["BAD_USER_INPUT"]);
});

test("a body has to be one JSON object, and to say that it is JSON", async () => {
  async function post(body: unknown, type = "application/json") {
    const headers = { "content-type": type };
    const sent = { method: "POST", key, headers, body };
    return (await ask("/graphql", sent)).status;
  }
  expect(await post("{")).toBe(400);
  expect(await post("[]")).toBe(400);
  expect(await post("null")).toBe(400);
  expect(await post('{"query": 1}')).toBe(400);
  expect(await post('{"query": "{__typename}", "variables": 1}')).toBe(400);
  expect(await post('{"query": "{__typename}", "more": 1}')).toBe(400);
  expect(await post("[".repeat(200))).toBe(400);
  for (
    const type of [
      "text/plain",
      "application/graphql",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
    ]
  ) expect(await post('{"query": "{__typename}"}', type)).toBe(415);
  expect((await ask("/graphql", { method: "PUT", key, body: {} })).status)
    .toBe(405);
  const change = encodeURIComponent("mutation { a }");
  expect((await ask(`/graphql?query=${change}`, { key })).status)
    .toBeGreaterThanOrEqual(400);
});

test("a page of READ_ORIGINS may ask, and no other one sees the answer", async () => {
  const bindings = { READ_ORIGINS: "https://pages.example" };
  function from(origin: string, method: string): Promise<Response> {
    return ask("/graphql", {
      method,
      key,
      bindings,
      headers: { origin },
      ...method === "POST" ? { body: { query: "{ __typename }" } } : {},
    });
  }
  const preflight = await from("https://pages.example", "OPTIONS");
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-methods"))
    .toBe("GET, POST");
  expect(preflight.headers.get("access-control-allow-headers"))
    .toContain("content-type");
  const answer = await from("https://pages.example", "POST");
  expect(answer.headers.get("access-control-allow-origin"))
    .toBe("https://pages.example");
  const other = await from("https://other.example", "POST");
  expect(other.headers.has("access-control-allow-origin")).toBe(false);
});

test("a fault is hidden, with the id under which the log has it", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  try {
    const DB = {
      prepare() {
        throw new TypeError("the secret of the database");
      },
    };
    const answer = await ask("/graphql", {
      method: "POST",
      key: "the-key-of-this-deployment",
      headers: { "x-request-id": "try-7", accept: RESPONSE },
      body: { query: "{ driftEvents { id } services { id } }" },
      bindings: { DB },
    });
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).not.toContain("secret");
    const fault = {
      extensions: {
        code: "INTERNAL_SERVER_ERROR",
        status: 500,
        requestId: "try-7",
      },
    };
    expect(JSON.parse(text)).toMatchObject({ errors: [fault, fault] });
    const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)));
    expect(lines).toContainEqual(expect.objectContaining({
      event: "graphql_failed",
      request_id: "try-7",
      path: "driftEvents",
      error: expect.stringContaining("the secret of the database"),
    }));
  } finally {
    log.mockRestore();
  }
});

test("a passing fault is UNAVAILABLE", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  try {
    const DB = {
      prepare() {
        throw new Error("D1_ERROR: busy");
      },
    };
    const { errors } = await askGraphql("{ driftEvents { id } }", {
      key: "the-key-of-this-deployment",
      bindings: { DB },
    });
    expect(errors).toMatchObject([{ extensions: { code: "UNAVAILABLE" } }]);
  } finally {
    log.mockRestore();
  }
});

const TOKENS = [
  "{",
  "}",
  "(",
  ")",
  "[",
  "]",
  ":",
  "!",
  "$",
  "@",
  "...",
  "on",
  "query",
  "subscription",
  "mutation",
  "fragment",
  "F",
  "services",
  "serviceMap",
  "nodes",
  "edges",
  "id",
  "name",
  "limit",
  "start",
  '"1h"',
  "1",
  "-1",
  "1e999",
  "99999999999999999999",
  "true",
  "null",
  "__schema",
  "types",
  "__typename",
  "driftEvents",
  "report",
  "search",
  "query",
  '"\\u0000"',
  "@skip(if: true)",
  "@include",
  "$x: Int",
  "operations",
  "resource",
];

test("no text, no value and no bytes make it fail", async () => {
  const log = vi.spyOn(console, "error");
  const query = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.array(fc.constantFrom(...TOKENS), { maxLength: 40 })
      .map((tokens) => tokens.join(" ")),
    fc.string({ unit: "binary", maxLength: 30 }).map((text) =>
      `{ services(start: ${JSON.stringify(text)}, cursor: ${
        JSON.stringify(text)
      }) { id } search(query: ${JSON.stringify(text)}) { __typename } }`
    ),
  );
  const body = fc.oneof(
    fc.record({ query, variables: fc.jsonValue() }),
    fc.jsonValue(),
    fc.record({
      query: fc.constant(
        "query ($a: Int, $b: String, $c: [String!]) { traces(limit: $a, start: $b, attribute: $c) { count } resource(id: $b) { id } }",
      ),
      variables: fc.dictionary(
        fc.constantFrom("a", "b", "c"),
        fc.jsonValue(),
      ),
    }),
  );
  await fc.assert(
    fc.asyncProperty(body, async (sent) => {
      const answer = await ask("/graphql", {
        method: "POST",
        key,
        body: JSON.stringify(sent),
        headers: { "content-type": "application/json", accept: RESPONSE },
      });
      expect(answer.status).toBeLessThan(500);
      expect(await answer.text()).not.toContain("INTERNAL_SERVER_ERROR");
    }),
    { numRuns: 400 },
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const text = String.fromCharCode(...bytes);
      const answer = await ask("/graphql", {
        method: "POST",
        key,
        body: text,
        headers: { "content-type": "application/json" },
      });
      expect(answer.status).toBeLessThan(500);
      await answer.body?.cancel();
      const got = await ask(`/graphql?query=${encodeURIComponent(text)}`, {
        key,
      });
      expect(got.status).toBeLessThan(500);
      await got.body?.cancel();
    }),
    { numRuns: 150 },
  );
  expect(log.mock.calls).toEqual([]);
  log.mockRestore();
}, 60_000);
