import { resolve } from "node:path";

/** Where a local start listens unless HOST says otherwise. */
export const DEFAULT_HOST = "127.0.0.1";
/** The port of OTLP/HTTP, where PORT says nothing. */
export const DEFAULT_PORT = 4318;
/** The port of OTLP/gRPC, where GRPC_PORT says nothing. */
export const DEFAULT_GRPC_PORT = 4317;
/** The folder of the local storage, where TRACECORE_DATA says nothing. */
export const DEFAULT_DATA_FOLDER = ".tracecore";

/** What a local start takes from the environment for itself. */
export interface LocalOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The port of OTLP/gRPC: 0 takes a free one, null takes no gRPC. */
  readonly grpcPort: number | null;
  /** Absolute path of the folder that keeps the local storage. */
  readonly dataFolder: string;
}

/** A variable of a local start has a value that it cannot have. */
export class LocalOptionsError extends TypeError {
  override readonly name = "LocalOptionsError";
}

/**
 * Reads HOST, PORT, GRPC_PORT and TRACECORE_DATA. An empty variable counts as
 * not set; a relative folder starts at the current one.
 *
 * @throws {LocalOptionsError} Where PORT is not a port, or GRPC_PORT neither
 * that nor "off".
 *
 * @example The defaults
 * ```ts
 * import { readLocalOptions } from "../src/local/local_options.ts";
 *
 * const { host, port } = readLocalOptions({});
 * expect(`${host}:${port}`).toBe("127.0.0.1:4318");
 * ```
 */
export function readLocalOptions(
  environment: Readonly<Record<string, string | undefined>>,
): LocalOptions {
  const port = environment["PORT"]?.trim() || String(DEFAULT_PORT);
  const grpcPort = environment["GRPC_PORT"]?.trim() ||
    String(DEFAULT_GRPC_PORT);
  if (!isPort(port)) {
    throw new LocalOptionsError(
      `Cannot start: PORT is "${port}", and must be a number from 0 to 65535`,
    );
  }
  if (grpcPort !== "off" && !isPort(grpcPort)) {
    throw new LocalOptionsError(
      `Cannot start: GRPC_PORT is "${grpcPort}", and must be a number from 0 ` +
        'to 65535, or "off"',
    );
  }
  return {
    host: environment["HOST"]?.trim() || DEFAULT_HOST,
    port: Number(port),
    grpcPort: grpcPort === "off" ? null : Number(grpcPort),
    dataFolder: resolve(
      environment["TRACECORE_DATA"]?.trim() || DEFAULT_DATA_FOLDER,
    ),
  };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
}

/**
 * Whether only this machine can reach a host.
 *
 * @example
 * ```ts
 * import { isLoopback } from "../src/local/local_options.ts";
 *
 * expect(isLoopback("127.0.0.1")).toBe(true);
 * expect(isLoopback("0.0.0.0")).toBe(false);
 * ```
 */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
