/** The most attributes whose values the index of traces can know. */
export const MAX_INDEXED_ATTRIBUTES = 32;
/** The longest name of one of them. */
export const MAX_INDEXED_KEY_LENGTH = 128;

/** Those that it knows where TRACE_INDEX_ATTRIBUTES says nothing. */
export const DEFAULT_INDEXED_ATTRIBUTES: readonly string[] = [
  "http.request.method",
  "http.response.status_code",
  "http.route",
  "http.method",
  "http.status_code",
  "url.path",
  "error.type",
  "db.system.name",
  "db.system",
  "db.collection.name",
  "rpc.service",
  "rpc.method",
  "messaging.destination.name",
  "user.id",
  "enduser.id",
  "session.id",
  "service.version",
  "service.instance.id",
  "host.name",
  "container.id",
  "k8s.namespace.name",
  "k8s.pod.name",
  "cloud.region",
  "faas.name",
];

const KEY = /^[\x21-\x2b\x2d-\x7e]+$/;

/**
 * Names of attributes with commas between, each once; null where they are not
 * 1 to `MAX_INDEXED_ATTRIBUTES` names of visible ASCII.
 *
 * @example
 * ```ts
 * import { indexedKeys } from "../src/trace_index/indexed_keys.ts";
 *
 * expect(indexedKeys("user.id, cart.id")).toEqual(["user.id", "cart.id"]);
 * expect(indexedKeys("user id")).toBe(null);
 * ```
 */
export function indexedKeys(text: string): readonly string[] | null {
  const names = text.split(",").map((part) => part.trim())
    .filter((name) => name !== "");
  const keys = [...new Set(names)];
  const isTaken = keys.length > 0 && keys.length <= MAX_INDEXED_ATTRIBUTES &&
    keys.every((key) => KEY.test(key) && key.length <= MAX_INDEXED_KEY_LENGTH);
  return isTaken ? keys : null;
}
