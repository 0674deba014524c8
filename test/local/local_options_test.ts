import { resolve } from "node:path";
import { expect, test } from "vitest";
import {
  isLoopback,
  LocalOptionsError,
  readLocalOptions,
} from "../../src/local/local_options.ts";

test("readLocalOptions() has defaults for what is not set or empty", () => {
  const defaults = {
    host: "127.0.0.1",
    port: 4318,
    grpcPort: 4317,
    dataFolder: resolve(".tracecore"),
  };
  expect(readLocalOptions({})).toEqual(defaults);
  expect(readLocalOptions({ HOST: "", PORT: " ", GRPC_PORT: "" }))
    .toEqual(defaults);
});

test("readLocalOptions() takes what is set", () => {
  expect(readLocalOptions({ HOST: "::1", PORT: "0", TRACECORE_DATA: "/data" }))
    .toMatchObject({ host: "::1", port: 0, dataFolder: resolve("/data") });
  expect(readLocalOptions({ PORT: "65535" }).port).toBe(65_535);
  expect(readLocalOptions({ GRPC_PORT: "0" }).grpcPort).toBe(0);
  expect(readLocalOptions({ GRPC_PORT: "off" }).grpcPort).toBe(null);
});

test.each(["65536", "-1", "4318.5", "http", "0x10", "1e3"])(
  "readLocalOptions() refuses the port %s",
  (PORT) => {
    expect(() => readLocalOptions({ PORT })).toThrow(LocalOptionsError);
    expect(() => readLocalOptions({ PORT })).toThrow(`"${PORT}"`);
    expect(() => readLocalOptions({ GRPC_PORT: PORT }))
      .toThrow(`GRPC_PORT is "${PORT}"`);
  },
);

test.each([
  ["127.0.0.1", true],
  ["127.1.2.3", true],
  ["::1", true],
  ["localhost", true],
  ["0.0.0.0", false],
  ["::", false],
  ["192.168.1.1", false],
  ["127.0.0.1.example.com", false],
  ["localhost.example.com", false],
])("isLoopback(%s) is %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
