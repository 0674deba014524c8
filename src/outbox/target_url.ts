const TRACES_PATH = "/v1/traces";

/**
 * The URL that spans are posted to. A path that ends in `/traces` is taken as
 * it is; to any other `/v1/traces` is appended, as SDKs do with
 * `OTEL_EXPORTER_OTLP_ENDPOINT`.
 *
 * @returns null where the text is no http or https URL, or has a user and a
 * password in it (they belong into a header).
 *
 * @example A base and a whole URL
 * ```ts
 * import { targetUrl } from "../src/outbox/target_url.ts";
 *
 * expect(targetUrl("http://tempo:4318")).toBe("http://tempo:4318/v1/traces");
 * expect(targetUrl("https://otlp.example.com/otlp/v1/traces"))
 *   .toBe("https://otlp.example.com/otlp/v1/traces");
 * ```
 */
export function targetUrl(text: string): string | null {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  if (url.username !== "" || url.password !== "") return null;
  url.hash = "";
  const path = url.pathname.replace(/\/+$/, "");
  if (!path.endsWith("/traces")) url.pathname = path + TRACES_PATH;
  return url.href;
}
