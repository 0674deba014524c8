/** An OTLP/HTTP endpoint that takes traces. */
export interface TempoTarget {
  /** The whole URL, with its path. */
  readonly url: string;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
}

const TRACES_PATH = "/v1/traces";
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

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
 * import { tempoUrl } from "../src/ingest/tempo_target.ts";
 *
 * expect(tempoUrl("http://tempo:4318")).toBe("http://tempo:4318/v1/traces");
 * expect(tempoUrl("https://otlp.example.com/otlp/v1/traces"))
 *   .toBe("https://otlp.example.com/otlp/v1/traces");
 * ```
 */
export function tempoUrl(text: string): string | null {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  if (url.username !== "" || url.password !== "") return null;
  url.hash = "";
  const path = url.pathname.replace(/\/+$/, "");
  if (!path.endsWith("/traces")) url.pathname = path + TRACES_PATH;
  return url.href;
}

/**
 * Reads headers in the form of `OTEL_EXPORTER_OTLP_HEADERS`: `name=value`
 * pairs with commas between, values percent-encoded.
 *
 * @returns null where a pair has no such form, or holds what no header may.
 *
 * @example A key and a tenant
 * ```ts
 * import { headerList } from "../src/ingest/tempo_target.ts";
 *
 * expect(headerList("Authorization=Basic%20YTpi,X-Scope-OrgID=shop")).toEqual({
 *   authorization: "Basic YTpi",
 *   "x-scope-orgid": "shop",
 * });
 * ```
 */
export function headerList(text: string): Record<string, string> | null {
  const headers: Record<string, string> = {};
  for (const pair of text.split(",")) {
    if (pair.trim() === "") continue;
    const at = pair.indexOf("=");
    const name = pair.slice(0, Math.max(at, 0)).trim().toLowerCase();
    const value = percentDecoded(pair.slice(at + 1).trim());
    if (!HEADER_NAME.test(name) || value === null) return null;
    if (!HEADER_VALUE.test(value)) return null;
    headers[name] = value;
  }
  return headers;
}

function percentDecoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
