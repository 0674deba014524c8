/**
 * The URL of a server's HTTP interface.
 *
 * @returns null where the text is no http or https URL, or has a user, a
 * password or a query in it.
 *
 * @example
 * ```ts
 * import { baseUrl } from "../src/outbox/base_url.ts";
 *
 * expect(baseUrl("http://clickhouse:8123")).toBe("http://clickhouse:8123/");
 * expect(baseUrl("http://a:b@clickhouse:8123")).toBe(null);
 * ```
 */
export function baseUrl(text: string): string | null {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  if (url.username !== "" || url.password !== "" || url.search !== "") {
    return null;
  }
  url.hash = "";
  return url.href;
}
