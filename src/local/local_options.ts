import { resolve } from "node:path";

/** Where a local start listens unless HOST says otherwise. */
export const DEFAULT_HOST = "127.0.0.1";
/** The port of OTLP/HTTP, where PORT says nothing. */
export const DEFAULT_PORT = 4318;
/** The folder of the local storage, where TRACECORE_DATA says nothing. */
export const DEFAULT_DATA_FOLDER = ".tracecore";

/** What a local start takes from the environment for itself. */
export interface LocalOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Absolute path of the folder that keeps the local storage. */
  readonly dataFolder: string;
}

/** A variable of a local start has a value that it cannot have. */
export class LocalOptionsError extends TypeError {
  override readonly name = "LocalOptionsError";
}

/**
 * Reads HOST, PORT and TRACECORE_DATA. An empty variable counts as not set; a
 * relative folder starts at the current one.
 *
 * @throws {LocalOptionsError} Where PORT is not a port.
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
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new LocalOptionsError(
      `Cannot start: PORT is "${port}", and must be a number from 0 to 65535`,
    );
  }
  return {
    host: environment["HOST"]?.trim() || DEFAULT_HOST,
    port: Number(port),
    dataFolder: resolve(
      environment["TRACECORE_DATA"]?.trim() || DEFAULT_DATA_FOLDER,
    ),
  };
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
