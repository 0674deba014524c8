/** Headers of a caller that say who asks and which trace the call is in. */
export const CALLER_HEADERS: readonly string[] = [
  "authorization",
  "x-tracecore-key",
  "traceparent",
  "tracestate",
  "baggage",
  "x-request-id",
  "user-agent",
];

/** Headers of an HTTP request that go on to the Worker. */
export const REQUEST_HEADERS: readonly string[] = [
  ...CALLER_HEADERS,
  "accept",
  "access-control-request-headers",
  "access-control-request-method",
  "content-encoding",
  "content-length",
  "content-type",
  "origin",
];

/** Headers of the Worker's answer that go back; and all of CORS. */
const ANSWER_HEADERS: readonly string[] = [
  "allow",
  "cache-control",
  "content-encoding",
  "content-length",
  "content-type",
  "retry-after",
  "vary",
  "www-authenticate",
  "x-content-type-options",
  "x-request-id",
];

/** Headers that hold a key. */
const KEY_HEADERS = ["authorization", "x-tracecore-key"];

/** Headers by name, in lower case. */
export type Headers = Readonly<Record<string, string>>;

/**
 * The headers of a caller that go on, with the gateway's own key where the
 * caller has none.
 *
 * @param read Reads a header of the caller by its name in lower case.
 *
 * @example
 * ```ts
 * import { passedOn } from "../src/gateway/passing_headers.ts";
 *
 * const sent = new Map([["traceparent", "00-…"], ["te", "trailers"]]);
 * expect(passedOn((name) => sent.get(name), {
 *   names: ["authorization", "traceparent"],
 *   key: "tck_…",
 * })).toEqual({ traceparent: "00-…", authorization: "Bearer tck_…" });
 * ```
 */
export function passedOn(
  read: (name: string) => string | undefined,
  { names, key }: {
    readonly names: readonly string[];
    readonly key: string | null;
  },
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of names) {
    const value = read(name);
    if (value !== undefined) headers[name] = value;
  }
  const hasKey = KEY_HEADERS.some((name) => headers[name] !== undefined);
  if (key !== null && !hasKey) headers["authorization"] = `Bearer ${key}`;
  return headers;
}

/** The headers of the Worker's answer that go back to the caller. */
export function passedBack(
  answer: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer)) {
    if (typeof value !== "string") continue;
    if (
      ANSWER_HEADERS.includes(name) || name.startsWith("access-control-")
    ) headers[name] = value;
  }
  return headers;
}
