const GRPC_PORT = "4317";
const HTTP_PORT = "4318";

/**
 * The URL of Tempo's OTLP/HTTP from the endpoint of its OTLP/gRPC, which a
 * Worker cannot call: 4318 in the place of 4317.
 *
 * @example
 * ```ts
 * import { tempoUrl } from "../src/gateway/tempo_url.ts";
 *
 * expect(tempoUrl("tempo:4317", true)).toBe("http://tempo:4318");
 * expect(tempoUrl("https://tempo.example", false)).toBe("https://tempo.example");
 * ```
 */
export function tempoUrl(endpoint: string, isInsecure: boolean): string {
  const text = /^https?:\/\//.test(endpoint)
    ? endpoint
    : `${isInsecure ? "http" : "https"}://${endpoint}`;
  return text.replace(
    new RegExp(`:${GRPC_PORT}(?=/|$)`),
    `:${HTTP_PORT}`,
  );
}
