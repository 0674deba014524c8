import type { ListenAddress } from "./gateway.ts";

const ENDPOINT = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/]*)):(\d{1,5})$/i;

/**
 * A Collector's endpoint; without a host it is every address. Null where it is
 * none.
 *
 * @example
 * ```ts
 * import { endpointOf } from "../src/gateway/endpoint.ts";
 *
 * expect(endpointOf("[::1]:4317")).toEqual({ host: "::1", port: 4317 });
 * expect(endpointOf(":4317")).toEqual({ host: "0.0.0.0", port: 4317 });
 * expect(endpointOf("localhost")).toBe(null);
 * ```
 */
export function endpointOf(text: string): ListenAddress | null {
  const [, bracketed, name, port] = ENDPOINT.exec(text.trim()) ?? [];
  if (port === undefined || Number(port) > 65_535) return null;
  return { host: (bracketed ?? name) || "0.0.0.0", port: Number(port) };
}
