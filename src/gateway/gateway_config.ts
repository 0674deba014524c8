import type { ListenAddress } from "./gateway.ts";
import type { MovedSetting } from "./moved_setting.ts";
import { type ConfigEntry, readConfigEntries } from "./config_entries.ts";
import { endpointOf } from "./endpoint.ts";
import { movedSettings } from "./moved_setting.ts";
import { substitute, type Substitution } from "./substitute.ts";

/** The environment's variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Files of a certificate and its key, in PEM. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** What a `tracecore.yaml` says. */
export interface GatewayConfig {
  /** Null takes no gRPC. */
  readonly grpc: (ListenAddress & { readonly tls: TlsFiles | null }) | null;
  /** Null takes no HTTP. */
  readonly http: ListenAddress | null;
  /** The Worker's; null where the file does not say. */
  readonly url: string | null;
  readonly key: string | null;
  /** What belongs to the Worker now, in the order of the file. */
  readonly moved: readonly MovedSetting[];
}

/** A configuration, or what is wrong with it, with line and path. */
export type ConfigReading =
  | { readonly ok: true; readonly config: GatewayConfig }
  | { readonly ok: false; readonly problem: string };

const PROTOCOLS = "receivers.otlp.protocols";
const DEFAULT_HOST = "127.0.0.1";
const DEFAULT_GRPC = `${DEFAULT_HOST}:4317`;
const DEFAULT_HTTP = `${DEFAULT_HOST}:4318`;

/** Settings of the gateway itself, and the sections on the way to them. */
const OWN = new Set([
  "receivers",
  "receivers.otlp",
  PROTOCOLS,
  `${PROTOCOLS}.grpc`,
  `${PROTOCOLS}.grpc.endpoint`,
  `${PROTOCOLS}.grpc.tls`,
  `${PROTOCOLS}.grpc.tls.cert_file`,
  `${PROTOCOLS}.grpc.tls.key_file`,
  `${PROTOCOLS}.http`,
  `${PROTOCOLS}.http.endpoint`,
  "tracecore",
  "tracecore.url",
  "tracecore.key",
]);

/**
 * Reads a `tracecore.yaml`: where the gateway listens, and where the Worker is.
 * What the Worker does by itself now is told in `moved`.
 *
 * @example
 * ```ts
 * import { readGatewayConfig } from "../src/gateway/gateway_config.ts";
 *
 * const reading = readGatewayConfig(
 *   "exporters:\n  airdig_engine:\n    endpoint: http://engine:8080/traces\n",
 *   {},
 * );
 * expect(reading).toMatchObject({
 *   ok: true,
 *   config: { grpc: { host: "127.0.0.1", port: 4317 } },
 * });
 * expect(readGatewayConfig("exporters:\n  jaeger: {}\n", {})).toEqual({
 *   ok: false,
 *   problem: 'line 2: "exporters.jaeger" is not known',
 * });
 * ```
 */
export function readGatewayConfig(
  text: string,
  environment: Environment,
): ConfigReading {
  const read = readConfigEntries(text);
  if (!read.ok) return read;
  const moved = movedSettings(read.entries, environment);
  if (!moved.ok) return moved;
  const unknown = read.entries.find(({ path }) =>
    !OWN.has(path) && !moved.paths.has(path)
  );
  if (unknown !== undefined) {
    return problemAt(unknown, "is not known");
  }
  return ownSettings(read.entries, { environment, moved: moved.settings });
}

function ownSettings(
  entries: readonly ConfigEntry[],
  { environment, moved }: {
    readonly environment: Environment;
    readonly moved: readonly MovedSetting[];
  },
): ConfigReading {
  const values = new Map<string, string>();
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  for (const entry of entries) {
    if (!OWN.has(entry.path) || entry.value === null) continue;
    if (isSection(entry.path)) return problemAt(entry, "must be a section");
    const whole: Substitution = substitute(entry.value, environment);
    if (!whole.ok) {
      return problemAt(entry, `needs ${whole.missing}, which is not set`);
    }
    values.set(entry.path, whole.text);
  }
  const grpc = listenAt("grpc", DEFAULT_GRPC);
  const http = listenAt("http", DEFAULT_HTTP);
  for (const [side, address] of [["grpc", grpc], ["http", http]] as const) {
    const entry = byPath.get(`${PROTOCOLS}.${side}.endpoint`);
    if (address === "wrong" && entry !== undefined) {
      return problemAt(entry, 'must be an address such as "0.0.0.0:4317"');
    }
  }
  const tls = tlsFiles(values);
  const tlsEntry = byPath.get(`${PROTOCOLS}.grpc.tls`);
  if (tls === "wrong" && tlsEntry !== undefined) {
    return problemAt(tlsEntry, "needs both cert_file and key_file");
  }
  const files = tls === "wrong" ? null : tls;
  return {
    ok: true,
    config: {
      grpc: grpc === null || grpc === "wrong" ? null : { ...grpc, tls: files },
      http: http === "wrong" ? null : http,
      url: values.get("tracecore.url") ?? null,
      key: values.get("tracecore.key") ?? null,
      moved,
    },
  };

  function listenAt(
    side: string,
    fallback: string,
  ): ListenAddress | "wrong" | null {
    // As in a Collector: of the protocols that a receiver has, those it names.
    const isNamed = byPath.has(`${PROTOCOLS}.${side}`);
    if (byPath.has("receivers") && !isNamed) return null;
    const text = values.get(`${PROTOCOLS}.${side}.endpoint`) ?? fallback;
    return endpointOf(text) ?? "wrong";
  }
}

function isSection(path: string): boolean {
  return [...OWN].some((other) => other.startsWith(`${path}.`));
}

function tlsFiles(
  values: ReadonlyMap<string, string>,
): TlsFiles | "wrong" | null {
  const certFile = values.get(`${PROTOCOLS}.grpc.tls.cert_file`);
  const keyFile = values.get(`${PROTOCOLS}.grpc.tls.key_file`);
  if (certFile === undefined && keyFile === undefined) return null;
  return certFile === undefined || keyFile === undefined
    ? "wrong"
    : { certFile, keyFile };
}

function problemAt(
  { path, line }: ConfigEntry,
  problem: string,
): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem: `line ${line}: "${path}" ${problem}` };
}
