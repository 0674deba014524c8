/** What a WebSocket of `GET /api/v1/live` speaks. */
export const LIVE_PROTOCOL = "tracecore.live.v1";
/** What stands before a key among the protocols of a WebSocket. */
export const KEY_PROTOCOL_PREFIX = "tracecore.key.";

/**
 * The protocols that a WebSocket's client offers.
 *
 * @example
 * ```ts
 * import { socketProtocols } from "../src/live/live_protocol.ts";
 *
 * const headers = new Headers({ "sec-websocket-protocol": "a, b" });
 * expect(socketProtocols(headers)).toEqual(["a", "b"]);
 * ```
 */
export function socketProtocols(headers: Headers): string[] {
  return (headers.get("sec-websocket-protocol") ?? "").split(",")
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== "");
}

/**
 * The key among the protocols of a WebSocket's client, null where there is
 * none: a page can set no other header of a WebSocket, and a key in an address
 * ends up in logs.
 *
 * @example
 * ```ts
 * import { protocolKey } from "../src/live/live_protocol.ts";
 *
 * const headers = new Headers({
 *   upgrade: "websocket",
 *   "sec-websocket-protocol": "tracecore.live.v1, tracecore.key.tck_a%2Fb",
 * });
 * expect(protocolKey(headers)).toBe("tck_a/b");
 * ```
 */
export function protocolKey(headers: Headers): string | null {
  if (headers.get("upgrade")?.toLowerCase() !== "websocket") return null;
  const protocol = socketProtocols(headers)
    .find((one) => one.startsWith(KEY_PROTOCOL_PREFIX));
  if (protocol === undefined) return null;
  try {
    return decodeURIComponent(protocol.slice(KEY_PROTOCOL_PREFIX.length));
  } catch {
    return null;
  }
}
