import { randomHex } from "../codec/random_hex.ts";

/** The header that carries a request's id, both ways. */
export const REQUEST_ID_HEADER = "x-request-id";

const PLATFORM_ID_HEADER = "cf-ray";
const SAFE_ID = /^[A-Za-z0-9._-]{1,64}$/;
const RANDOM_BYTES = 16;

/**
 * The id that an answer and every log line of its request carry: Cloudflare's
 * ray, else the client's own where it is harmless, else a random one.
 *
 * @example The client's own
 * ```ts
 * import { requestId } from "../src/http/request_id.ts";
 *
 * expect(requestId(new Headers({ "x-request-id": "try-7" }))).toBe("try-7");
 * expect(requestId(new Headers({ "x-request-id": "try 7" })))
 *   .toMatch(/^[0-9a-f]{32}$/);
 * ```
 */
export function requestId(headers: Headers): string {
  for (const name of [PLATFORM_ID_HEADER, REQUEST_ID_HEADER]) {
    const id = headers.get(name);
    if (id !== null && SAFE_ID.test(id)) return id;
  }
  return randomHex(RANDOM_BYTES);
}
