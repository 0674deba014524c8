import { nodeId } from "../map/node_identity.ts";
import { NodeTrait } from "../map/node_type.ts";
import { type EdgeKey } from "../map/service_window.ts";
import { OVERFLOW_NAME } from "../map/window_entries.ts";
import { USER_NODE } from "../trace/edges.ts";

const CACHE_SYSTEM =
  /^(redis|memcached?|valkey|keydb|dragonfly|hazelcast|ehcache|couchbase\.cache)$/i;
const CACHE_NAME = /redis|memcache|valkey|keydb|dragonfly|hazelcast|cache/i;

/**
 * What an edge tells of its two ends: a node that sends no spans has its type
 * from nothing else.
 *
 * @param isReported Whether spans came from the node with this id.
 * @returns Bits of `NodeTrait` by node id; the caller's first.
 *
 * @example A database
 * ```ts
 * import { virtualNode } from "../src/map/node_identity.ts";
 * import { NodeTrait } from "../src/map/node_type.ts";
 * import { edgeTraits } from "../src/query/edge_traits.ts";
 *
 * const key = {
 *   from: virtualNode("cart"), to: virtualNode("redis:6379"),
 *   connectionType: "database", system: "", destination: "",
 * } as const;
 * expect(edgeTraits(key, (id) => id === "cart"))
 *   .toEqual([["cart", NodeTrait.CALLS], ["redis%3A6379", NodeTrait.CACHE]]);
 * ```
 */
export function edgeTraits(
  key: EdgeKey,
  isReported: (id: string) => boolean,
): [string, number][] {
  const from = nodeId(key.from);
  const to = nodeId(key.to);
  // Of the two ends of a virtual edge the one without spans is the virtual.
  if (
    key.connectionType === "virtual_node" && isReported(to) && !isReported(from)
  ) {
    const caller = key.from.name === USER_NODE
      ? NodeTrait.USER
      : NodeTrait.EXTERNAL;
    return [[from, caller], [to, NodeTrait.SERVES]];
  }
  return [[from, NodeTrait.CALLS], [to, calledTraits(key)]];
}

function calledTraits(key: EdgeKey): number {
  switch (key.connectionType) {
    case "":
      return NodeTrait.SERVES;
    case "messaging_system":
      return NodeTrait.CONSUMES;
    case "database":
      return isCache(key) ? NodeTrait.CACHE : NodeTrait.DATABASE;
    case "virtual_node":
      return uninstrumentedTraits(key);
  }
}

function uninstrumentedTraits(key: EdgeKey): number {
  if (key.to.name === OVERFLOW_NAME) return 0;
  return key.system !== "" || key.destination !== ""
    ? NodeTrait.QUEUE
    : NodeTrait.EXTERNAL;
}

function isCache(key: EdgeKey): boolean {
  return key.system === ""
    ? CACHE_NAME.test(key.to.name)
    : CACHE_SYSTEM.test(key.system);
}
