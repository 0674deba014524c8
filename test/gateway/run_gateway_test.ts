import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { Client, credentials } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { PROJECT_ROOT } from "../../src/local/project_root.ts";
import { TRACE_SERVICE } from "../../src/gateway/grpc_services.ts";
import { runGateway } from "../../src/gateway/run_gateway.ts";
import { HttpSink } from "../harness/http_sink.ts";
import { temporaryFolder } from "../harness/temporary_folder.ts";
import { TraceClient } from "./trace_client.ts";

const FREE_PORTS = `receivers:
  otlp:
    protocols:
      grpc:
        endpoint: 127.0.0.1:0
      http:
        endpoint: 127.0.0.1:0
exporters:
  tempo:
    endpoint: tempo:4317
`;

test("npm run gateway passes spans on, tells what moved, and ends when told", async () => {
  const upstream = await HttpSink.start();
  upstream.answer = {
    status: 200,
    headers: { "content-type": "application/x-protobuf" },
  };
  const config = fileOf("tracecore.yaml", FREE_PORTS);
  const child = spawn(process.execPath, [
    join(PROJECT_ROOT, "src/cli/main.ts"),
    "gateway",
    "--config",
    config,
    "--url",
    upstream.url,
  ], { env: { TRACECORE_KEY: "tck", PATH: process.env["PATH"] } });
  let output = "";
  child.stdout.on("data", (text) => output += String(text));
  await expect.poll(() => output, { timeout: 20_000 }).toContain("OTLP/HTTP");
  expect(output).toContain('TEMPO_URL = "https://tempo:4318"');
  const [, grpcUrl = ""] = /OTLP\/gRPC\s+(\S+)/.exec(output) ?? [];
  const client = new TraceClient(grpcUrl);
  expect(await client.export(Buffer.from([0x0a, 0]))).toMatchObject({
    code: 0,
  });
  expect(upstream.requests[0]?.headers.authorization).toBe("Bearer tck");
  client.close();
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
  await upstream.stop();
});

test("runGateway() says what is missing or wrong", async () => {
  await expect(run({})).rejects.toThrow("nothing says where the Worker is");
  await expect(run({ config: "/no/where.yaml" }))
    .rejects.toThrow("Cannot read /no/where.yaml: ENOENT");
  const config = fileOf("wrong.yaml", "a: 1\n");
  await expect(run({ config }))
    .rejects.toThrow(`Cannot read ${config}: line 1: "a" is not known`);
});

test("runGateway() serves TLS with the certificate of its configuration", async () => {
  const folder = join(PROJECT_ROOT, "test/fixtures/localhost_identity");
  const cert = join(folder, "certificate.pem");
  const key = join(folder, "key.pem");
  const upstream = await HttpSink.start();
  const config = fileOf(
    "tls.yaml",
    FREE_PORTS.replace(
      "127.0.0.1:0\n",
      `localhost:0\n        tls: {cert_file: ${cert}, key_file: ${key}}\n`,
    ),
  );
  const gateway = await run({ config, url: upstream.url });
  expect(gateway.grpcUrl).toMatch(/^https:\/\/localhost:\d+$/);
  const client = new Client(
    `localhost:${gateway.grpcPort}`,
    credentials.createSsl(readFileSync(cert)),
  );
  const answer = await new Promise((resolve) =>
    client.makeUnaryRequest(
      `/${TRACE_SERVICE}/Export`,
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      Buffer.from([0x0a, 0]),
      (error, bytes) => resolve(error ?? bytes),
    )
  );
  expect(answer).toEqual(Buffer.alloc(0));
  client.close();
  await gateway.close();
  await upstream.stop();
});

function run(
  options: { readonly config?: string; readonly url?: string },
): ReturnType<typeof runGateway> {
  return runGateway({
    config: null,
    url: null,
    key: null,
    environment: {},
    print: () => undefined,
    ...options,
  });
}

function fileOf(name: string, text: string): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  return path;
}
