import { expect, test } from "vitest";
import { LocalOptionsError } from "../../src/local/local_options.ts";
import { workerVariables } from "../../src/local/worker_variables.ts";
import { VARIABLE_NAMES } from "../../src/settings.ts";

test("workerVariables() takes every setting that has a value, and no other", () => {
  const environment = Object.fromEntries(
    VARIABLE_NAMES.map((name) => [name, `of ${name}`]),
  );
  expect(workerVariables(
    { ...environment, PATH: "/bin" },
    { host: "127.0.0.1" },
  )).toEqual(environment);
  expect(workerVariables({ ADMIN_KEY: "  " }, { host: "0.0.0.0" })).toEqual({});
});

test("workerVariables() is open on loopback unless told otherwise", () => {
  const host = "127.0.0.1";
  expect(workerVariables({}, { host })).toEqual({ TRACECORE_OPEN: "true" });
  expect(workerVariables({ TRACECORE_OPEN: "false" }, { host }))
    .toEqual({ TRACECORE_OPEN: "false" });
});

test("workerVariables() asks for the key that is set, on loopback too", () => {
  const environment = { ADMIN_KEY: "0123456789abcdef" };
  expect(workerVariables(environment, { host: "127.0.0.1" }))
    .toEqual({ ...environment, TRACECORE_OPEN: "false" });
});

test("workerVariables() is never open where others can reach it", () => {
  const host = "0.0.0.0";
  expect(workerVariables({}, { host })).toEqual({});
  expect(() => workerVariables({ TRACECORE_OPEN: "true" }, { host }))
    .toThrow(LocalOptionsError);
});
