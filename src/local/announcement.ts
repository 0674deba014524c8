import type { Settings } from "../settings.ts";

/** What a start that is ready tells its user. */
export interface Announced {
  /** Where the service listens, without a slash at its end. */
  readonly url: string;
  /** Where it takes OTLP/gRPC; null: nowhere. */
  readonly grpcUrl: string | null;
  readonly settings: Settings;
  readonly dataFolder: string;
}

/** The text that a start prints when it is ready. */
export function announcement(
  { url, grpcUrl, settings, dataFolder }: Announced,
): string {
  const missing = notConfigured(settings);
  return [
    `TraceCore listens on ${url}`,
    "",
    "  Set in an app with an OpenTelemetry SDK:",
    `    OTEL_EXPORTER_OTLP_ENDPOINT=${url}`,
    "    OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
    ...settings.open
      ? []
      : ["    OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20<key>"],
    "",
    ...grpcUrl === null ? [] : [`  OTLP/gRPC       ${grpcUrl}`],
    `  Service map     ${url}/api/v1/servicemap`,
    `  Local storage   ${dataFolder}`,
    `  Access          ${access(settings)}`,
    ...missing.length === 0 ? [] : [
      `  Not configured  ${missing.join("\n                  ")}`,
    ],
    "",
    "",
  ].join("\n");
}

function access({ open, adminKey }: Settings): string {
  if (open) return "open: no key is asked for, on this machine only";
  return adminKey === null
    ? "refused: set ADMIN_KEY, since others can reach this address"
    : "with a key: ADMIN_KEY is set";
}

function notConfigured(settings: Settings): string[] {
  return settings.targets.length === 0
    ? ["Tempo: spans are not forwarded (set TEMPO_URL)"]
    : [];
}
