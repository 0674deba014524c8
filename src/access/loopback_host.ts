const LOOPBACK =
  /^(localhost|[a-z0-9.-]+\.localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/**
 * Whether a request names this machine. An open service answers no other name:
 * a page whose own name was made to point at 127.0.0.1 (DNS rebinding) would
 * read it otherwise.
 *
 * @example
 * ```ts
 * import { namesLoopback } from "../src/access/loopback_host.ts";
 *
 * const url = "http://127.0.0.1:4318/api/v1/status";
 * expect(namesLoopback(new Request(url))).toBe(true);
 * const headers = { host: "evil.example:4318" };
 * expect(namesLoopback(new Request(url, { headers }))).toBe(false);
 * ```
 */
export function namesLoopback(request: Request): boolean {
  const host = request.headers.get("host");
  return isLoopbackName(new URL(request.url).hostname) &&
    (host === null || isLoopbackName(host.replace(/:\d*$/, "")));
}

function isLoopbackName(name: string): boolean {
  return LOOPBACK.test(name.toLowerCase());
}
