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

/** Whether an origin's pages may post; and the headers of every answer. */
export interface CorsResult {
  readonly allowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Decides on a request's origin. The origin is echoed, and credentials are
 * allowed (nothing here reads a cookie), because `navigator.sendBeacon` always
 * sends them, and a browser takes no `*` then.
 *
 * @param origin The `Origin` header; null where no browser sent the request.
 * @param allowedOrigins null allows every origin.
 *
 * @example
 * ```ts
 * import { readOrigin } from "../src/ingest/cors.ts";
 *
 * const allowed = ["https://shop.example"];
 * expect(readOrigin("https://shop.example", allowed).allowed).toBe(true);
 * expect(readOrigin("https://other.example", allowed).allowed).toBe(false);
 * expect(readOrigin(null, allowed).allowed).toBe(true);
 * ```
 */
export function readOrigin(
  origin: string | null,
  allowedOrigins: readonly string[] | null,
): CorsResult {
  const headers = { vary: "Origin" };
  if (origin === null) return { allowed: true, headers };
  const allowed = allowedOrigins === null ||
    allowedOrigins.includes(origin.toLowerCase());
  if (!allowed) return { allowed, headers };
  return {
    allowed,
    headers: {
      ...headers,
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "retry-after",
    },
  };
}

/** What the answer to a preflight says beside `readOrigin`'s headers. */
export function preflightHeaders(): Record<string, string> {
  return {
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": ALLOWED_HEADERS,
    "access-control-max-age": String(PREFLIGHT_MAX_AGE_S),
  };
}
