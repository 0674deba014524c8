import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type TracecoreClient, tracecoreClient } from "../client/client.ts";
import {
  type GatewayConfig,
  readGatewayConfig,
} from "../gateway/gateway_config.ts";
import type { Cli, CommonOptions } from "./cli.ts";
import { CliError } from "./cli_error.ts";
import { EXIT_CODES } from "./exit_code.ts";

/** The address where nothing says another: a local start's. */
export const DEFAULT_URL = "http://127.0.0.1:4318";

/** Where the service is, and who told. */
export interface Connection {
  readonly url: string;
  readonly urlFrom: string;
  readonly key: string | null;
  readonly keyFrom: string;
}

type Where = Pick<Cli, "environment">;
type Told = Pick<CommonOptions, "url" | "key" | "config">;

/**
 * Where the service is: as the flags say, else the environment
 * (`TRACECORE_URL`, `TRACECORE_KEY`), else the section `tracecore` of a file:
 * `--config`, `TRACECORE_CONFIG`, or `tracecore/tracecore.yaml` in the user's
 * folder of configurations.
 *
 * @throws {CliError} Where the file cannot be read, or URL or key is none.
 */
export function connectionOf({ environment }: Where, told: Told): Connection {
  const { config, from } = configOf(environment, told);
  const [url, urlFrom] = firstOf([
    [told.url, "--url"],
    [environment["TRACECORE_URL"], "TRACECORE_URL"],
    [config?.url, from],
  ]) ?? [DEFAULT_URL, "the default"];
  const [key, keyFrom] = firstOf([
    [told.key, "--key"],
    [environment["TRACECORE_KEY"], "TRACECORE_KEY"],
    [config?.key, from],
  ]) ?? [null, "nowhere"];
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CliError(
      `Cannot use ${JSON.stringify(url)} of ${urlFrom}: it must be the URL ` +
        "of a service, such as https://tracecore.example.workers.dev",
      EXIT_CODES.usage,
    );
  }
  return {
    url,
    urlFrom,
    key: key === null ? null : usableKey(key, keyFrom),
    keyFrom,
  };
}

/**
 * A key that a header can hold.
 *
 * @param from Who told.
 * @throws {CliError} Where it holds what no key does.
 */
export function usableKey(key: string, from: string): string {
  if (/^[\u0021-\u007e]+$/.test(key)) return key;
  throw new CliError(
    `Cannot use the key of ${from}: a key has no spaces, ends of lines, or ` +
      "characters beyond ASCII",
    EXIT_CODES.usage,
  );
}

/** A client of the service that is meant; see `connectionOf`. */
export function connect(cli: Where, told: Told): TracecoreClient {
  const { url, key } = connectionOf(cli, told);
  return tracecoreClient({ url, key });
}

function firstOf(
  values: readonly (readonly [string | null | undefined, string])[],
): readonly [string, string] | undefined {
  for (const [value, from] of values) {
    if (value !== undefined && value !== null && value !== "") {
      return [value, from];
    }
  }
  return undefined;
}

function configOf(
  environment: Where["environment"],
  told: Told,
): { readonly config: GatewayConfig | null; readonly from: string } {
  const file = configFile({ environment }, told);
  if (file === null) return { config: null, from: "" };
  const reading = readGatewayConfig(textOf(file), environment);
  if (reading.ok) return { config: reading.config, from: file };
  throw new CliError(
    `Cannot read ${file}: ${reading.problem}`,
    EXIT_CODES.usage,
  );
}

/**
 * The file that says where the service is; null where none is named, and the
 * user's own is not there.
 */
export function configFile(
  { environment }: Where,
  told: Pick<Told, "config">,
): string | null {
  const named = told.config ?? environment["TRACECORE_CONFIG"];
  if (named !== undefined && named !== "") return named;
  const file = userFile(environment);
  return existsSync(file) ? file : null;
}

function userFile(environment: Where["environment"]): string {
  const folder = environment["XDG_CONFIG_HOME"];
  return join(
    folder === undefined || folder === ""
      ? join(environment["HOME"] ?? homedir(), ".config")
      : folder,
    "tracecore",
    "tracecore.yaml",
  );
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`Cannot read ${file}: ${reason}`, EXIT_CODES.usage);
  }
}
