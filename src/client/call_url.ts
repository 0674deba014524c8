import type { QueryValue } from "./call_types.ts";

/** Values of a call's parameters. */
export interface CallParameters {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, QueryValue | undefined>>;
}

/**
 * The URL of a call.
 *
 * @param base Of the service; a path in it stays.
 * @param template As in `/api/v1/services/{name}`.
 *
 * @example
 * ```ts
 * import { callUrl } from "../src/client/call_url.ts";
 *
 * const asked = { path: { name: "a/b" }, query: { start: "1h", end: undefined } };
 * expect(callUrl("http://127.0.0.1:4318", "/api/v1/services/{name}", asked))
 *   .toBe("http://127.0.0.1:4318/api/v1/services/a%2Fb?start=1h");
 * ```
 */
export function callUrl(
  base: string,
  template: string,
  { path = {}, query = {} }: CallParameters,
): string {
  const filled = template.replaceAll(
    /\{(\w+)\}/g,
    (_, name: string) => encodeURIComponent(path[name] ?? ""),
  );
  const url = new URL(base);
  const prefix = url.pathname.replace(/\/+$/, "");
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    const values = typeof value === "object" ? value : [value];
    for (const one of values) search.append(name, String(one));
  }
  const asked = search.size === 0 ? "" : `?${search.toString()}`;
  return `${url.origin}${prefix}${filled}${asked}`;
}
