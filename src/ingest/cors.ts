/** How long a browser may keep the answer to a preflight, in s: Chrome's most. */
export const PREFLIGHT_MAX_AGE_S = 7200;

/** Headers that a page's request may carry. */
const ALLOWED_HEADERS = [
  "content-type",
  "content-encoding",
  "authorization",
  "x-tracecore-key",
  "traceparent",
  "tracestate",
  "baggage",
].join(", ");

/**
 * The headers of an answer to an origin. It is echoed, and credentials are
 * allowed (nothing here reads a cookie), because `navigator.sendBeacon` always
 * sends them, and a browser takes no `*` then.
 *
 * @param origin The `Origin` header; null where no browser sent the request.
 * @param mayPost What `originMayPost` says of it.
 *
 * @example
 * ```ts
 * import { corsHeaders } from "../src/ingest/cors.ts";
 *
 * expect(corsHeaders("https://shop.example", true))
 *   .toMatchObject({ "access-control-allow-origin": "https://shop.example" });
 * expect(corsHeaders("https://other.example", false))
 *   .toEqual({ vary: "Origin" });
 * ```
 */
export function corsHeaders(
  origin: string | null,
  mayPost: boolean,
): Record<string, string> {
  const headers = { vary: "Origin" };
  if (origin === null || !mayPost) return headers;
  return {
    ...headers,
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "retry-after",
  };
}

/** What the answer to a preflight says beside `corsHeaders`. */
export function preflightHeaders(): Record<string, string> {
  return {
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": ALLOWED_HEADERS,
    "access-control-max-age": String(PREFLIGHT_MAX_AGE_S),
  };
}
