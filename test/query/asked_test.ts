import { Hono } from "hono";
import { expect, test } from "vitest";
import type { AppEnv } from "../../src/http/app_env.ts";
import type { ParameterProblem } from "../../src/http/http_problem.ts";
import { answerError } from "../../src/http/json_error.ts";
import { asked } from "../../src/query/asked.ts";
import { diagnosticsParameters } from "../../src/query/diagnostics.ts";
import { MAX_DEPTH, MAX_NAME_LENGTH } from "../../src/query/parameters.ts";
import { MAX_REPEATED_VALUE } from "../../src/query/read_parameters.ts";
import {
  selectionProblems,
  serviceMapParameters,
} from "../../src/query/service_map.ts";

const app = new Hono<AppEnv>();
app.get("/map", (context) => {
  const { parameters } = asked(
    context,
    serviceMapParameters,
    selectionProblems,
  );
  return context.json(parameters);
});
app.get("/diagnostics", (context) => {
  return context.json(asked(context, diagnosticsParameters).parameters);
});
app.onError((error, context) => answerError(error, context.req.raw));

interface Refusal {
  readonly error: string;
  readonly status: number;
  readonly timestamp: number;
  readonly details: readonly ParameterProblem[];
}

async function refusal(query: string, path = "/map"): Promise<Refusal> {
  const response = await app.request(`${path}?${query}`);
  expect(response.status).toBe(400);
  return response.json();
}

test.each([
  ["start=yesterday", "start", "yesterday"],
  ["start=", "start", ""],
  ["end=2026-02-30T00:00:00Z", "end", "2026-02-30T00:00:00Z"],
  ["service=cart&depth=0", "depth", "0"],
  [`service=cart&depth=${MAX_DEPTH + 1}`, "depth", `${MAX_DEPTH + 1}`],
  ["service=cart&depth=1.5", "depth", "1.5"],
  ["service=cart&depth=-1", "depth", "-1"],
  ["service=cart&depth=two", "depth", "two"],
  ["service=cart&depth=", "depth", ""],
  ["service=cart&direction=sideways", "direction", "sideways"],
  ["service=cart&direction=UP", "direction", "UP"],
  ["service=", "service", ""],
  ["namespace=", "namespace", ""],
  ["environment=", "environment", ""],
  ["depth=3", "depth", "3"],
  ["direction=up", "direction", "up"],
])(
  "a wrong parameter is refused by its name and value: %s",
  async (query, parameter, value) => {
    const { error, status, timestamp, details } = await refusal(query);
    expect(error).toContain(parameter);
    expect(status).toBe(400);
    expect(Math.abs(timestamp - Date.now() / 1000)).toBeLessThan(60);
    expect(details.map((detail) => detail.parameter)).toEqual([parameter]);
    expect(details[0]?.value).toBe(value);
    expect(details[0]?.problem).toMatch(/must|needs/);
  },
);

test("a window that cannot be is refused by the parameter at fault", async () => {
  const wrong = [
    ["start=2099-01-01T00:00:00Z", "start"],
    ["start=1h&end=2h", "end"],
    ["start=1h&end=1h", "end"],
    ["start=1900000000000&end=now", "start"],
    ["start=0", "start"],
    ["start=732d", "start"],
  ] as const;
  for (const [query, parameter] of wrong) {
    const { details } = await refusal(query);
    expect(details.map((detail) => detail.parameter)).toEqual([parameter]);
  }
});

test("an unknown parameter is refused by its name, with the known ones", async () => {
  const { details } = await refusal("servce=cart");
  expect(details).toEqual([{
    parameter: "servce",
    problem: "is not known; the parameters are start, end, namespace, " +
      "environment, service, depth, direction",
  }]);
  const { details: other } = await refusal("depth=1", "/diagnostics");
  expect(other[0]?.parameter).toBe("depth");
  const { details: odd } = await refusal("__proto__=1&constructor=2");
  expect(odd.map(({ parameter }) => parameter))
    .toEqual(["__proto__", "constructor"]);
});

test("a repeated parameter is refused, by its name once", async () => {
  const { details } = await refusal("service=cart&service=web&service=cart");
  expect(details).toEqual([
    { parameter: "service", problem: "must be given once, not 3 times" },
  ]);
});

test("every wrong parameter is named at once", async () => {
  const { error, details } = await refusal(
    "start=yesterday&depth=99&direction=left&servce=x",
  );
  const names = ["servce", "start", "depth", "direction"];
  expect(details.map(({ parameter }) => parameter)).toEqual(names);
  for (const name of names) expect(error).toContain(name);
});

test("a name is taken up to its limit, and refused beyond it", async () => {
  const longest = "n".repeat(MAX_NAME_LENGTH);
  const taken = await app.request(`/map?service=${longest}`);
  expect(await taken.json()).toEqual({ service: longest });
  const { details } = await refusal(`service=${longest}n`);
  expect(details[0]?.problem).toContain(`${MAX_NAME_LENGTH}`);
  expect(details[0]?.value?.length).toBe(MAX_REPEATED_VALUE + 1);
});

test("right parameters are read", async () => {
  const response = await app.request(
    "/map?start=1h&end=now&service=caf%C3%A9%2Fbar&direction=up" +
      `&depth=${MAX_DEPTH}` +
      "&namespace=shop&environment=prod",
  );
  expect(await response.json()).toEqual({
    start: { kind: "ago", ms: 3_600_000 },
    end: { kind: "ago", ms: 0 },
    service: "café/bar",
    depth: MAX_DEPTH,
    direction: "up",
    namespace: "shop",
    environment: "prod",
  });
  expect(await (await app.request("/map")).json()).toEqual({});
});
