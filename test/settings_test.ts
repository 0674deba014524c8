import { expect, test } from "vitest";
import { DEFAULT_GRAPH_BOUNDS } from "../src/service_metrics/bucket_bounds.ts";
import {
  LEAST_OUTBOX_BYTES,
  MOST_OUTBOX_AGE_H,
  MOST_OUTBOX_BYTES,
} from "../src/outbox/outbox_limits.ts";
import { MAX_TARGETS } from "../src/outbox/target_settings.ts";
import {
  LARGEST_BYTE_LIMIT,
  LEAST_TRACE_BYTES,
  MAX_TRACE_SHARDS,
  MIN_ADMIN_KEY_LENGTH,
  MOST_TRACE_BYTES,
  MOST_TRACE_HOURS,
  readSettings,
  SettingsError,
} from "../src/settings.ts";
import {
  DEFAULT_INDEXED_ATTRIBUTES,
  MAX_INDEXED_ATTRIBUTES,
  MAX_INDEXED_KEY_LENGTH,
} from "../src/trace_index/indexed_keys.ts";

function keysOf(count: number): string {
  return Array.from({ length: count }, (_, at) => `key-${at}`).join();
}

const DEFAULTS = {
  open: false,
  adminKey: null,
  allowedOrigins: null,
  readOrigins: [],
  traceShards: 1,
  maxBodyBytes: 4_194_304,
  maxInflatedBytes: 20_971_520,
  targets: [],
  jsonTargets: [],
  tempoQuery: null,
  outbox: {
    maxBytes: 268_435_456,
    maxAgeMs: 86_400_000,
    whenFull: "refuse",
  },
  samplingAttribute: null,
  logRequests: "failed",
  selfTraces: 0,
  traces: "all",
  traceShare: 0.05,
  traceRetention: { ageMs: 86_400_000, bytes: 1_073_741_824 },
  indexedAttributes: DEFAULT_INDEXED_ATTRIBUTES,
  graphBounds: DEFAULT_GRAPH_BOUNDS,
  skygraph: null,
  deepdrift: null,
  driftWebhookSecret: null,
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
    TEMPO_TENANT: "",
    TEMPO_USER: "",
    TEMPO_PASSWORD: "",
    TEMPO_TOKEN: "",
    TEMPO_QUERY_URL: "",
    TEMPO_QUERY_HEADERS: "",
    OTLP_TARGETS: " ",
    CLICKHOUSE_URL: "",
    CLICKHOUSE_USER: "",
    CLICKHOUSE_PASSWORD: "",
    CLICKHOUSE_DATABASE: "",
    CLICKHOUSE_TABLE: " ",
    OUTBOX_MAX_BYTES: "",
    OUTBOX_MAX_AGE_HOURS: "",
    OUTBOX_WHEN_FULL: "",
    SAMPLING_ATTRIBUTE: "",
    LOG_REQUESTS: "",
    SELF_TRACES: " ",
    SKYGRAPH_URL: "",
    SKYGRAPH_API_KEY: "",
    DEEPDRIFT_URL: " ",
    DEEPDRIFT_API_KEY: "",
    DRIFT_WEBHOOK_SECRET: "",
    ENGINE_URL: "",
    ENGINE_API_KEY: " ",
    WEBHOOK_URL: "",
    WEBHOOK_SECRET: "",
    SLACK_WEBHOOK_URL: "",
    TRACES: "",
    TRACE_SHARE: "",
    TRACE_RETENTION_HOURS: "",
    TRACE_MAX_BYTES: "",
    TRACE_INDEX_ATTRIBUTES: "",
    SERVICE_GRAPH_BUCKETS: "",
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
    TEMPO_HEADERS: "X-Region=eu",
    TEMPO_TENANT: "airdig-{tenant}",
    TEMPO_USER: "a",
    TEMPO_PASSWORD: "b",
    TEMPO_QUERY_URL: "https://tempo.example:3200/tempo",
    OTLP_TARGETS:
      '[{"name":"backup","url":"http://b:4318","headers":{"A":"c"}}]',
    CLICKHOUSE_URL: "https://clickhouse.example:8443",
    CLICKHOUSE_USER: "writer",
    CLICKHOUSE_PASSWORD: "d",
    CLICKHOUSE_DATABASE: "otel",
    CLICKHOUSE_TABLE: "spans",
    OUTBOX_MAX_BYTES: "1048576",
    OUTBOX_MAX_AGE_HOURS: "2",
    OUTBOX_WHEN_FULL: "drop_oldest",
    SAMPLING_ATTRIBUTE: "sampling.ratio",
    LOG_REQUESTS: "all",
    SELF_TRACES: "0.25",
    TRACES: "off",
    TRACE_SHARE: "0.5",
    TRACE_RETENTION_HOURS: "3",
    TRACE_MAX_BYTES: "100000000",
    TRACE_INDEX_ATTRIBUTES: "user.id, Cart.Id,user.id",
    SERVICE_GRAPH_BUCKETS: "0.005, 0.1,1",
    SKYGRAPH_URL: "http://skygraph:8080",
    SKYGRAPH_API_KEY: "sky key",
    DEEPDRIFT_URL: "https://deepdrift.example/base/",
    DRIFT_WEBHOOK_SECRET: "0123456789abcdef",
    ENGINE_URL: "http://engine:8080/traces",
    ENGINE_API_KEY: "engine-key",
  });
  expect(settings).toEqual({
    open: true,
    adminKey: "0123456789abcdef",
    allowedOrigins: ["https://shop.example", "capacitor://localhost"],
    readOrigins: ["https://grafana.example"],
    traceShards: 4,
    maxBodyBytes: 1000,
    maxInflatedBytes: 2000,
    targets: [{
      name: "tempo",
      url: "https://tempo.example/otlp/v1/traces",
      headers: { "x-region": "eu", authorization: "Basic YTpi" },
      orgId: "airdig-{tenant}",
    }, {
      name: "backup",
      url: "http://b:4318/v1/traces",
      headers: { a: "c" },
      orgId: null,
    }, {
      name: "clickhouse",
      url: "https://clickhouse.example:8443/",
      user: "writer",
      password: "d",
      database: "otel",
      table: "spans",
    }],
    tempoQuery: {
      url: "https://tempo.example:3200/tempo",
      headers: { "x-region": "eu", authorization: "Basic YTpi" },
      orgId: "airdig-{tenant}",
    },
    outbox: {
      maxBytes: 1_048_576,
      maxAgeMs: 7_200_000,
      whenFull: "drop_oldest",
    },
    samplingAttribute: "sampling.ratio",
    logRequests: "all",
    selfTraces: 0.25,
    traces: "off",
    traceShare: 0.5,
    traceRetention: { ageMs: 10_800_000, bytes: 100_000_000 },
    indexedAttributes: ["user.id", "Cart.Id"],
    graphBounds: [0.005, 0.1, 1],
    skygraph: { url: "http://skygraph:8080/", apiKey: "sky key" },
    deepdrift: { url: "https://deepdrift.example/base/", apiKey: null },
    driftWebhookSecret: "0123456789abcdef",
    jsonTargets: [{
      name: "engine",
      url: "http://engine:8080/traces",
      headers: { authorization: "Bearer engine-key" },
      secret: null,
    }],
  });
});

test("readSettings() keeps a part of the traces where Tempo or ClickHouse has all of them, unless told otherwise", () => {
  const TEMPO_URL = "http://tempo:4318";
  expect(readSettings({ CLICKHOUSE_URL: "http://clickhouse:8123" }).traces)
    .toBe("tail");
  expect(readSettings({ TEMPO_URL }).traces).toBe("tail");
  expect(readSettings({ TEMPO_URL, TRACES: "all" }).traces).toBe("all");
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
  ["TRACES", "some"],
  ["TRACE_SHARE", "1.1"],
  ["TRACE_RETENTION_HOURS", String(MOST_TRACE_HOURS + 1)],
  ["TRACE_MAX_BYTES", String(LEAST_TRACE_BYTES - 1)],
  ["TRACE_MAX_BYTES", String(MOST_TRACE_BYTES + 1)],
  ["TRACE_INDEX_ATTRIBUTES", ","],
  ["TRACE_INDEX_ATTRIBUTES", "user id"],
  ["TRACE_INDEX_ATTRIBUTES", keysOf(MAX_INDEXED_ATTRIBUTES + 1)],
  ["TRACE_INDEX_ATTRIBUTES", "k".repeat(MAX_INDEXED_KEY_LENGTH + 1)],
  ["MAX_INFLATED_BYTES", "99999999999999999999"],
  ["LOG_REQUESTS", "some"],
  ["SERVICE_GRAPH_BUCKETS", "1,1"],
  ["SERVICE_GRAPH_BUCKETS", "0.1;0.2"],
  ["SELF_TRACES", "1.01"],
  ["SELF_TRACES", "2"],
  ["SELF_TRACES", "-0.5"],
  ["SELF_TRACES", "1e-3"],
  ["CLICKHOUSE_DATABASE", "otel; DROP DATABASE otel"],
  ["CLICKHOUSE_TABLE", "1st"],
  ["CLICKHOUSE_TABLE", "t".repeat(65)],
  ["OUTBOX_MAX_BYTES", String(LEAST_OUTBOX_BYTES - 1)],
  ["OUTBOX_MAX_BYTES", String(MOST_OUTBOX_BYTES + 1)],
  ["OUTBOX_MAX_AGE_HOURS", String(MOST_OUTBOX_AGE_H + 1)],
  ["OUTBOX_WHEN_FULL", "drop"],
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
  ["TEMPO_TENANT", "tenant\u0000secret"],
  ["TEMPO_TOKEN", "tok\u00e9n"],
  ["TEMPO_QUERY_URL", "https://user:password@tempo.example"],
  ["TEMPO_QUERY_HEADERS", "Authorization: Basic"],
  ["OTLP_TARGETS", '[{"name":"tempo","url":"http://secret"}]'],
  ["OTLP_TARGETS", '[{"name":"clickhouse","url":"http://secret"}]'],
  ["CLICKHOUSE_URL", "http://user:password@clickhouse:8123"],
  ["CLICKHOUSE_URL", "http://clickhouse:8123/?password=x"],
  ["CLICKHOUSE_PASSWORD", "pass\u0000word"],
])("readSettings() names %s and keeps its value secret", (variable, value) => {
  const act = () => readSettings({ [variable]: value });
  expect(act).toThrow(`${variable}: its value must`);
  expect(act).not.toThrow(value);
});

test.each([
  ["TEMPO_USER", { TEMPO_USER: "secret1" }],
  ["TEMPO_PASSWORD", { TEMPO_PASSWORD: "secret1" }],
  ["TEMPO_QUERY_HEADERS", { TEMPO_QUERY_HEADERS: "a=secret1" }],
  [
    "TEMPO_TOKEN",
    { TEMPO_TOKEN: "secret1", TEMPO_USER: "secret2", TEMPO_PASSWORD: "x" },
  ],
  [
    "TEMPO_TOKEN",
    { TEMPO_TOKEN: "secret1", TEMPO_HEADERS: "Authorization=secret2" },
  ],
])(
  "readSettings() names %s where it does not go with the others",
  (variable, variables) => {
    const act = () => readSettings({ TEMPO_URL: "http://t", ...variables });
    expect(act).toThrow(`Cannot read the settings: ${variable}: its value `);
    expect(act).not.toThrow("secret");
  },
);

test.each([
  ["CLICKHOUSE_USER", "its value"],
  ["CLICKHOUSE_PASSWORD", "its value"],
  ["CLICKHOUSE_DATABASE", '"secret"'],
  ["CLICKHOUSE_TABLE", '"secret"'],
])("readSettings() wants a CLICKHOUSE_URL with %s", (variable, value) => {
  expect(() => readSettings({ [variable]: "secret" }))
    .toThrow(`${variable}: ${value} needs CLICKHOUSE_URL`);
});

test("readSettings() asks Tempo with TEMPO_QUERY_HEADERS in place of its other keys", () => {
  const { tempoQuery } = readSettings({
    TEMPO_QUERY_URL: "http://t:3200",
    TEMPO_QUERY_HEADERS: "Authorization=Bearer%20q",
    TEMPO_TOKEN: "w",
  });
  expect(tempoQuery).toEqual({
    url: "http://t:3200/",
    headers: { authorization: "Bearer q" },
    orgId: null,
  });
});

test("readSettings() takes a ClickHouse name of 64 characters", () => {
  const CLICKHOUSE_TABLE = "t".repeat(64);
  const CLICKHOUSE_URL = "http://c";
  expect(readSettings({ CLICKHOUSE_URL, CLICKHOUSE_TABLE }).targets)
    .toMatchObject([{ table: CLICKHOUSE_TABLE, database: "default" }]);
});

test("readSettings() takes MAX_TARGETS targets, Tempo and ClickHouse among them", () => {
  const list = (count: number) =>
    JSON.stringify(
      Array.from({ length: count }, (_, at) => ({
        name: `target-${at}`,
        url: "http://t",
      })),
    );
  const read = (count: number, rest = {}) =>
    readSettings({ OTLP_TARGETS: list(count), ...rest }).targets.length;
  const tempo = { TEMPO_URL: "http://t" };
  expect(read(MAX_TARGETS)).toBe(MAX_TARGETS);
  expect(read(MAX_TARGETS - 1, tempo)).toBe(MAX_TARGETS);
  const both = { ...tempo, CLICKHOUSE_URL: "http://c" };
  expect(read(MAX_TARGETS - 2, both)).toBe(MAX_TARGETS);
  expect(() => read(MAX_TARGETS - 1, both)).toThrow("at most 4 in all");
  expect(() => read(MAX_TARGETS + 1)).toThrow("OTLP_TARGETS: its value must");
  expect(() => read(MAX_TARGETS, tempo)).toThrow("at most 4 in all");
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

test("readSettings() takes MAX_INDEXED_ATTRIBUTES attributes, and names of MAX_INDEXED_KEY_LENGTH", () => {
  const most = keysOf(MAX_INDEXED_ATTRIBUTES);
  expect(readSettings({ TRACE_INDEX_ATTRIBUTES: most }).indexedAttributes)
    .toEqual(most.split(","));
  const long = "k".repeat(MAX_INDEXED_KEY_LENGTH);
  expect(readSettings({ TRACE_INDEX_ATTRIBUTES: long }).indexedAttributes)
    .toEqual([long]);
  expect(DEFAULT_INDEXED_ATTRIBUTES.length)
    .toBeLessThanOrEqual(MAX_INDEXED_ATTRIBUTES);
});

test.each([["0", 0], ["1", 1], [".5", 0.5], ["1.0", 1], ["0.001", 0.001]])(
  "readSettings() takes SELF_TRACES %j",
  (text, selfTraces) => {
    expect(readSettings({ SELF_TRACES: text })).toMatchObject({ selfTraces });
  },
);

test("readSettings() names every wrong variable at once", () => {
  const act = () => readSettings({ TRACE_SHARDS: "x", TEMPO_URL: "tempo" });
  expect(act).toThrow(/TRACE_SHARDS: .*; TEMPO_URL: /);
});

test("readSettings() refuses a variable that is no text", () => {
  expect(() => readSettings({ TRACE_SHARDS: 3 }))
    .toThrow("TRACE_SHARDS: 3 must be a whole number");
});
