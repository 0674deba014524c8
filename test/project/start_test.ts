import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { portIsFree, START_COMMAND, startService } from "../harness/service.ts";
import { temporaryFolder } from "../harness/temporary_folder.ts";

const MIB = 1024 * 1024;

test("npm start says what a user needs, and nothing else", async () => {
  const service = await startService({
    command: ["npm", "start"],
    env: { GRPC_PORT: "0" },
  });
  const { url, dataFolder } = service;
  expect(await (await fetch(`${url}/health`)).json())
    .toMatchObject({ status: "ok" });
  expect(await service.stop("SIGTERM")).toEqual({ code: 0, signal: null });
  await portIsFree(service.port);
  expect(service.errors()).toBe("");
  const [, afterBanner] = service.output().split("src/local/start.ts\n\n");
  expect(afterBanner?.split("\n")).toEqual([
    `TraceCore listens on ${url}`,
    "",
    "  Set in an app with an OpenTelemetry SDK:",
    `    OTEL_EXPORTER_OTLP_ENDPOINT=${url}`,
    "    OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
    "",
    expect.stringMatching(/^ {2}OTLP\/gRPC {7}http:\/\/127\.0\.0\.1:\d+$/),
    `  Service map     ${url}/api/v1/servicemap`,
    `  Local storage   ${dataFolder}`,
    "  Access          open: no key is asked for, on this machine only",
    "  Not configured  Tempo: spans are not forwarded (set TEMPO_URL)",
    "",
    "",
  ]);
});

test("npm start ends with npm when npm is killed", async () => {
  const service = await startService({ command: ["npm", "start"] });
  process.kill(service.pid, "SIGKILL");
  await portIsFree(service.port);
  await service.kill();
});

test("a start that is killed leaves no workerd behind", async () => {
  const service = await startService();
  process.kill(service.pid, "SIGKILL");
  await portIsFree(service.port);
  const again = await startService({
    dataFolder: service.dataFolder,
    port: service.port,
  });
  expect(again.url).toBe(service.url);
  expect(await again.stop("SIGINT")).toEqual({ code: 0, signal: null });
});

test("a start says which port is taken, and fails", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  expect(await failingStart({ PORT: String(port) })).toBe(
    `Cannot listen on 127.0.0.1 port ${port}: something else does already ` +
      "(end it, or set PORT to another one)\n",
  );
  expect(await failingStart({ GRPC_PORT: String(port) })).toBe(
    `Cannot listen on 127.0.0.1 port ${port}: something else does already ` +
      "(end it, or set GRPC_PORT to another one, or to off)\n",
  );
  server.close();
});

test.each(["package.json", "package.json/inside", "/proc/nowhere"])(
  "a start says that %s is no folder for its storage, and fails",
  async (folder) => {
    expect(await failingStart({ TRACECORE_DATA: folder }))
      .toMatch(/^Cannot use \S+ for the local storage: .*TRACECORE_DATA/);
  },
);

test("a start says who serves from its folder, and fails", async () => {
  const { dataFolder, stop } = await startService();
  expect(await failingStart({ TRACECORE_DATA: dataFolder })).toBe(
    `Cannot use ${dataFolder}: another process serves from it already ` +
      "(end it, or set TRACECORE_DATA to another folder)\n",
  );
  await stop();
  const again = await startService({ dataFolder });
  await again.stop();
});

test("a start waits for a port that is about to become free", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port ?? 0 : 0;
  const starting = startService({ port });
  await delay(1000);
  server.close();
  const service = await starting;
  expect(service.port).toBe(port);
  await service.stop();
});

test.each([
  [{ PORT: "http" }, 'PORT is "http"'],
  [{ GRPC_PORT: "no" }, 'GRPC_PORT is "no"'],
  [{ TRACE_SHARDS: "0" }, 'TRACE_SHARDS: "0" must be a whole number'],
  [{ HOST: "0.0.0.0", TRACECORE_OPEN: "true" }, 'TRACECORE_OPEN is "true"'],
])("a start with %j says so in one line, and fails", async (env, problem) => {
  const message = await failingStart(env);
  expect(message).toContain(problem);
  expect(message.trimEnd().split("\n")).toHaveLength(1);
});

test("a start that others can reach asks for keys, and says so", async () => {
  const closed = await startService({ env: { HOST: "0.0.0.0" } });
  expect(closed.output()).toContain("refused: set ADMIN_KEY");
  const refused = await fetch(
    `http://127.0.0.1:${closed.port}/api/v1/services`,
  );
  expect(refused.status).toBeGreaterThanOrEqual(400);
  await closed.stop();

  const ADMIN_KEY = "a-key-of-enough-characters";
  const keyed = await startService({ env: { HOST: "0.0.0.0", ADMIN_KEY } });
  expect(keyed.output()).toContain("with a key");
  expect(keyed.output()).not.toContain(ADMIN_KEY);
  const services = `http://127.0.0.1:${keyed.port}/api/v1/services`;
  expect((await fetch(services)).status).toBe(401);
  const headers = { authorization: `Bearer ${ADMIN_KEY}` };
  expect((await fetch(services, { headers })).status).toBe(200);
  await keyed.stop();
});

test("a start passes the environment's settings to the Worker", async () => {
  const service = await startService({
    env: { MAX_BODY_BYTES: "1000", TEMPO_URL: "http://127.0.0.1:9" },
  });
  expect(service.output()).not.toContain("Tempo");
  expect(await postJson(service.url, 1000)).toBe(400);
  expect(await postJson(service.url, 1001)).toBe(413);
  await service.stop();
});

test("a start takes bodies as large as the Worker may be set to", async () => {
  const service = await startService({
    env: {
      MAX_BODY_BYTES: String(32 * MIB),
      MAX_INFLATED_BYTES: String(32 * MIB),
    },
  });
  expect(await postJson(service.url, 32 * MIB)).toBe(400);
  expect(await postJson(service.url, 32 * MIB + 1)).toBe(413);
  await service.stop();
});

/** Posts so many bytes that are not JSON, and returns the answer's status. */
async function postJson(url: string, bytes: number): Promise<number> {
  const response = await fetch(`${url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "x".repeat(bytes),
  });
  await response.body?.cancel();
  return response.status;
}

/** Starts what cannot start, and returns what it says. */
async function failingStart(
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const [program, ...rest] = START_COMMAND;
  const { PATH, HOME } = process.env;
  const TRACECORE_DATA = temporaryFolder();
  const failure = await promisify(execFile)(program, rest, {
    env: { PATH, HOME, PORT: "0", GRPC_PORT: "off", TRACECORE_DATA, ...env },
    timeout: 30_000,
  }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 1, stdout: "" });
  return (failure as { stderr: string }).stderr;
}
