import { expect, test } from "vitest";
import { MAX_CONFIG_LENGTH } from "../../src/gateway/config_entries.ts";
import {
  type Environment,
  type GatewayConfig,
  readGatewayConfig,
} from "../../src/gateway/gateway_config.ts";
import { movedText } from "../../src/gateway/moved_text.ts";
import { readSettings } from "../../src/settings.ts";
import { ORIGINAL_CONFIG } from "./original_config.ts";

test("readGatewayConfig() reads where the original's Collector listened", () => {
  expect(configOf(ORIGINAL_CONFIG)).toMatchObject({
    grpc: { host: "0.0.0.0", port: 4317, tls: null },
    http: { host: "0.0.0.0", port: 4318 },
    url: null,
    key: null,
  });
});

test("readGatewayConfig() says of each other setting where it is now", () => {
  const lines = ORIGINAL_CONFIG.split("\n");
  const { moved } = configOf(ORIGINAL_CONFIG);
  for (const { path, line } of moved) {
    expect(lines[line - 1]).toContain(`${path.split(".").at(-1)}:`);
  }
  expect(moved.map(({ path, belongs }) => `${path} ${place(belongs)}`)).toEqual(
    [
      "processors.batch.timeout nothing",
      "processors.batch.send_batch_size nothing",
      "processors.airdig.resource_correlation.enabled nothing",
      "processors.airdig.resource_correlation.skygraph_api SKYGRAPH_URL=http://skygraph:8080",
      "processors.airdig.service_map.enabled nothing",
      "processors.airdig.service_map.window nothing",
      "exporters.tempo.endpoint TEMPO_URL=http://tempo:4318",
      "exporters.tempo.insecure nothing",
      "exporters.airdig_engine.endpoint ENGINE_URL=http://airdig-engine:8080/traces",
      "exporters.airdig_engine.api_key secret ENGINE_API_KEY",
      "service.pipelines.traces.receivers nothing",
      "service.pipelines.traces.processors nothing",
      "service.pipelines.traces.exporters nothing",
    ],
  );
});

test("readGatewayConfig() gives values that the Worker takes", () => {
  const variables = Object.fromEntries(
    configOf(ORIGINAL_CONFIG).moved.flatMap(({ belongs }) =>
      belongs.to === "variable" ? [[belongs.name, belongs.set]] : []
    ),
  );
  expect(Object.keys(variables)).toHaveLength(3);
  const settings = readSettings({ ...variables, ENGINE_API_KEY: "key" });
  expect(settings.targets.map(({ name }) => name)).toEqual(["tempo"]);
  expect(settings.skygraph?.url).toBe("http://skygraph:8080/");
});

test("movedText() has lines to paste, and no secret", () => {
  const text = movedText(configOf(ORIGINAL_CONFIG).moved);
  expect(text).toContain('[vars]\nSKYGRAPH_URL = "http://skygraph:8080"\n');
  expect(text).toContain('TEMPO_URL = "http://tempo:4318"\n');
  expect(text).toContain(
    "npx wrangler secret put ENGINE_API_KEY   # ${AIRDIG_API_KEY}\n",
  );
  const plain = ORIGINAL_CONFIG.replace("${AIRDIG_API_KEY}", "sesame");
  const { moved } = configOf(plain);
  expect(movedText(moved) + JSON.stringify(moved)).not.toContain("sesame");
  expect(movedText([])).toBe("");
});

test("readGatewayConfig() reads where the Worker is, from the environment too", () => {
  const text = [
    "tracecore:",
    "  url: https://${HOST_NAME}",
    "  key: ${env:TRACECORE_SECRET}",
  ].join("\n");
  const environment = { HOST_NAME: "a.example", TRACECORE_SECRET: "tck_$" };
  expect(configOf(text, environment))
    .toMatchObject({ url: "https://a.example", key: "tck_$" });
  expect(readGatewayConfig(text, { HOST_NAME: "a.example" })).toEqual({
    ok: false,
    problem: 'line 3: "tracecore.key" needs TRACECORE_SECRET, which is not set',
  });
});

test("readGatewayConfig() takes the protocols that a file names", () => {
  const protocols = "receivers:\n  otlp:\n    protocols:\n";
  expect(configOf("")).toMatchObject({
    grpc: { host: "127.0.0.1", port: 4317 },
    http: { host: "127.0.0.1", port: 4318 },
  });
  expect(configOf(`${protocols}      grpc:\n`)).toMatchObject({
    grpc: { host: "127.0.0.1", port: 4317 },
    http: null,
  });
  const tls = "      grpc:\n        endpoint: '[::]:1'\n        tls:\n" +
    "          cert_file: a.pem\n";
  expect(configOf(`${protocols}${tls}          key_file: b.pem\n`).grpc)
    .toEqual({
      host: "::",
      port: 1,
      tls: { certFile: "a.pem", keyFile: "b.pem" },
    });
  expect(readGatewayConfig(protocols + tls, {})).toEqual({
    ok: false,
    problem:
      'line 6: "receivers.otlp.protocols.grpc.tls" needs both cert_file and key_file',
  });
});

test.each([
  ["recievers:\n", 'line 1: "recievers" is not known'],
  [
    "exporters:\n  tempo:\n    endpiont: a\n",
    'line 3: "exporters.tempo.endpiont"',
  ],
  ["receivers:\n  jaeger:\n", 'line 2: "receivers.jaeger" is not known'],
  ["tracecore: here\n", 'line 1: "tracecore" must be a section'],
  ["exporters: 1\n", 'line 1: "exporters" must be a section'],
  ["a: [\n", "line 2"],
  ["tracecore:\n  url: a\n  url: b\n", "line 3"],
  ["- a\n", "must be a section"],
  ["tracecore: &a {url: x}\nexporters: *a\n", "is an alias"],
  [
    "receivers:\n  otlp:\n    protocols:\n      http:\n        endpoint: here\n",
    'line 5: "receivers.otlp.protocols.http.endpoint" must be an address',
  ],
  [
    "exporters:\n  tempo:\n    endpoint: ${NOWHERE}\n",
    'line 3: "exporters.tempo.endpoint" needs NOWHERE',
  ],
])("readGatewayConfig(%j) says %s", (text, problem) => {
  expect(readGatewayConfig(text, {})).toEqual({
    ok: false,
    problem: expect.stringContaining(problem),
  });
});

test("readGatewayConfig() takes MAX_CONFIG_LENGTH characters, and not one more", () => {
  expect(readGatewayConfig("#".repeat(MAX_CONFIG_LENGTH), {}).ok).toBe(true);
  expect(readGatewayConfig("#".repeat(MAX_CONFIG_LENGTH + 1), {}).ok).toBe(
    false,
  );
});

function configOf(text: string, environment: Environment = {}): GatewayConfig {
  const reading = readGatewayConfig(text, environment);
  if (!reading.ok) throw new Error(reading.problem);
  return reading.config;
}

function place(belongs: GatewayConfig["moved"][number]["belongs"]): string {
  if (belongs.to === "variable") return `${belongs.name}=${belongs.set}`;
  return belongs.to === "secret" ? `secret ${belongs.name}` : "nothing";
}
