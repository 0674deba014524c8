import { expect, test } from "vitest";
import {
  LARGEST_BYTE_LIMIT,
  MAX_TRACE_SHARDS,
  MIN_ADMIN_KEY_LENGTH,
  readSettings,
  SettingsError,
} from "../src/settings.ts";

const DEFAULTS = {
  open: false,
  adminKey: null,
  allowedOrigins: null,
  readOrigins: [],
  traceShards: 1,
  maxBodyBytes: 4_194_304,
  maxInflatedBytes: 20_971_520,
  tempo: null,
  samplingAttribute: null,
};

test("readSettings() fills in every default", () => {
  expect(readSettings({})).toEqual(DEFAULTS);
});

test("readSettings() takes an empty or blank variable as not set", () => {
  const variables = {
    TRACECORE_OPEN: "",
    ADMIN_KEY: " ",
    ALLOWED_ORIGINS: "",
    READ_ORIGINS: "",
    TRACE_SHARDS: "",
    MAX_BODY_BYTES: "",
    MAX_INFLATED_BYTES: "",
    TEMPO_URL: "\n",
    TEMPO_HEADERS: "",
    SAMPLING_ATTRIBUTE: "",
  };
  expect(readSettings(variables)).toEqual(DEFAULTS);
});

test("readSettings() reads every variable and ignores what else is bound", () => {
  const settings = readSettings({
    DB: { prepare: null },
    TRACECORE_OPEN: "true",
    ADMIN_KEY: "0123456789abcdef\n",
    ALLOWED_ORIGINS: "https://Shop.example, capacitor://localhost,",
    READ_ORIGINS: "https://Grafana.example",
    TRACE_SHARDS: "4",
    MAX_BODY_BYTES: "1000",
    MAX_INFLATED_BYTES: "2000",
    TEMPO_URL: "https://tempo.example/otlp",
    TEMPO_HEADERS: "Authorization=Basic%20YTpi",
    SAMPLING_ATTRIBUTE: "sampling.ratio",
  });
  expect(settings).toEqual({
    open: true,
    adminKey: "0123456789abcdef",
    allowedOrigins: ["https://shop.example", "capacitor://localhost"],
    readOrigins: ["https://grafana.example"],
    traceShards: 4,
    maxBodyBytes: 1000,
    maxInflatedBytes: 2000,
    tempo: {
      url: "https://tempo.example/otlp/v1/traces",
      headers: { authorization: "Basic YTpi" },
    },
    samplingAttribute: "sampling.ratio",
  });
});

test("readSettings() allows every origin where one of several is *", () => {
  const settings = readSettings({ ALLOWED_ORIGINS: "https://a.example,*" });
  expect(settings.allowedOrigins).toBe(null);
});

test("readSettings() checks an environment once", () => {
  const bindings = { TRACE_SHARDS: "2" };
  expect(readSettings(bindings)).toBe(readSettings(bindings));
  expect(readSettings({ TRACE_SHARDS: "2" })).not.toBe(readSettings(bindings));
});

test.each([
  ["TRACECORE_OPEN", "yes"],
  ["ALLOWED_ORIGINS", "shop.example"],
  ["ALLOWED_ORIGINS", "https://shop.example/path"],
  ["READ_ORIGINS", "*"],
  ["READ_ORIGINS", "https://grafana.example/path"],
  ["TRACE_SHARDS", "0"],
  ["TRACE_SHARDS", String(MAX_TRACE_SHARDS + 1)],
  ["TRACE_SHARDS", "1.5"],
  ["TRACE_SHARDS", "-1"],
  ["TRACE_SHARDS", "1e1"],
  ["MAX_BODY_BYTES", "4 MiB"],
  ["MAX_BODY_BYTES", String(LARGEST_BYTE_LIMIT + 1)],
  ["MAX_INFLATED_BYTES", "0"],
  ["MAX_INFLATED_BYTES", "99999999999999999999"],
])("readSettings() names %s and the value %j", (variable, value) => {
  const act = () => readSettings({ [variable]: value });
  expect(act).toThrow(SettingsError);
  expect(act).toThrow(`${variable}: "${value}" must be`);
});

test.each([
  ["ADMIN_KEY", "k".repeat(MIN_ADMIN_KEY_LENGTH - 1)],
  ["ADMIN_KEY", "a key with spaces in it"],
  ["TEMPO_URL", "https://user:password@tempo.example"],
  ["TEMPO_HEADERS", "Authorization: Basic"],
])("readSettings() names %s and keeps its value secret", (variable, value) => {
  const act = () => readSettings({ [variable]: value });
  expect(act).toThrow(`${variable}: its value must`);
  expect(act).not.toThrow(value);
});

test("readSettings() takes each limit at its largest and smallest", () => {
  const least = readSettings({
    TRACE_SHARDS: "1",
    MAX_BODY_BYTES: "1",
    ADMIN_KEY: "k".repeat(MIN_ADMIN_KEY_LENGTH),
  });
  expect([least.traceShards, least.maxBodyBytes]).toEqual([1, 1]);
  const most = readSettings({
    TRACE_SHARDS: String(MAX_TRACE_SHARDS),
    MAX_BODY_BYTES: String(LARGEST_BYTE_LIMIT),
    MAX_INFLATED_BYTES: String(LARGEST_BYTE_LIMIT),
  });
  expect(most.traceShards).toBe(MAX_TRACE_SHARDS);
  expect(most.maxBodyBytes).toBe(LARGEST_BYTE_LIMIT);
  expect(most.maxInflatedBytes).toBe(LARGEST_BYTE_LIMIT);
});

test("readSettings() names every wrong variable at once", () => {
  const act = () => readSettings({ TRACE_SHARDS: "x", TEMPO_URL: "tempo" });
  expect(act).toThrow(/TRACE_SHARDS: .*; TEMPO_URL: /);
});

test("readSettings() refuses a variable that is no text", () => {
  expect(() => readSettings({ TRACE_SHARDS: 3 }))
    .toThrow("TRACE_SHARDS: 3 must be a whole number");
});
