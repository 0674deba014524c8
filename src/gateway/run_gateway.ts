import { readFile } from "node:fs/promises";
import { type Gateway, startGateway } from "./gateway.ts";
import { GatewayError } from "./gateway_error.ts";
import {
  type Environment,
  type GatewayConfig,
  readGatewayConfig,
} from "./gateway_config.ts";
import { movedText } from "./moved_text.ts";

/** What the command line and the environment say. */
export interface GatewayRun {
  /** Path of a `tracecore.yaml`; null: none. */
  readonly config: string | null;
  /** The Worker's URL, before TRACECORE_URL and the file's. */
  readonly url: string | null;
  /** The Worker's key, before TRACECORE_KEY and the file's. */
  readonly key: string | null;
  readonly environment: Environment;
  /** Takes what there is to say to the user. */
  readonly print: (text: string) => void;
}

/**
 * Starts a gateway as the command line says, and tells where it listens.
 *
 * @throws {GatewayError} Where the configuration is wrong or cannot be read, or
 * nothing says where the Worker is.
 * @throws {PortTakenError} Where it cannot listen.
 */
export async function runGateway(run: GatewayRun): Promise<Gateway> {
  const { environment, print } = run;
  const config = await configOf(run);
  const url = run.url || environment["TRACECORE_URL"] || config.url;
  if (!url) {
    throw new GatewayError(
      "Cannot start the gateway: nothing says where the Worker is (give " +
        "--url, set TRACECORE_URL, or write a section `tracecore` with `url`)",
    );
  }
  print(movedText(config.moved));
  const { grpc } = config;
  const gateway = await startGateway({
    url,
    key: run.key || environment["TRACECORE_KEY"] || config.key,
    grpc: grpc === null ? null : { ...grpc, tls: await tlsOf(grpc.tls) },
    http: config.http,
  });
  print([
    `The gateway passes spans on to ${url}`,
    `  OTLP/gRPC  ${gateway.grpcUrl ?? "not taken"}`,
    `  OTLP/HTTP  ${gateway.httpUrl ?? "not taken"}`,
    "",
  ].join("\n"));
  return gateway;
}

async function configOf(
  { config, environment }: GatewayRun,
): Promise<GatewayConfig> {
  const text = config === null ? "" : (await fileOf(config)).toString();
  const reading = readGatewayConfig(text, environment);
  if (reading.ok) return reading.config;
  throw new GatewayError(`Cannot read ${config}: ${reading.problem}`);
}

async function tlsOf(
  files: { readonly certFile: string; readonly keyFile: string } | null,
): Promise<{ cert: Buffer; key: Buffer } | null> {
  if (files === null) return null;
  const { certFile, keyFile } = files;
  return { cert: await fileOf(certFile), key: await fileOf(keyFile) };
}

async function fileOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new GatewayError(`Cannot read ${path}: ${reason}`);
  }
}
