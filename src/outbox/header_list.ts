const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Whether a request can have such a header. */
export function isHeader(name: string, value: string): boolean {
  return HEADER_NAME.test(name) && HEADER_VALUE.test(value);
}

/**
 * Reads headers in the form of `OTEL_EXPORTER_OTLP_HEADERS`: `name=value`
 * pairs with commas between, values percent-encoded.
 *
 * @returns null where a pair has no such form, or holds what no header may.
 *
 * @example A key and a tenant
 * ```ts
 * import { headerList } from "../src/outbox/header_list.ts";
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
    if (value === null || !isHeader(name, value)) return null;
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
