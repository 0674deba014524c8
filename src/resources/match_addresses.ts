import type { GraphIndex } from "./graph_index.ts";
import { type Mapping, MAPPING_CONFIDENCE } from "./mapping.ts";

/** The other end of calls, from which no spans come. */
export interface Peer {
  /** `nodeId`. */
  readonly id: string;
  /** An address or a name, as callers call it. */
  readonly name: string;
  /** ms since the epoch. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

/**
 * Which resources the databases and externals of the map are: they send no
 * spans, but callers know their address or their name.
 *
 * @example
 * ```ts
 * import { GraphIndex } from "../src/resources/graph_index.ts";
 * import { matchAddresses } from "../src/resources/match_addresses.ts";
 *
 * const index = new GraphIndex({
 *   nodes: [{
 *     id: "aws:rds:orders", type: "rds", provider: "aws", region: "", name: "",
 *     metadata: { endpoint: "orders.abc.rds.amazonaws.com:5432" }, tags: {},
 *     createdAt: "", updatedAt: "",
 *   }],
 *   edges: [],
 * });
 * const name = "orders.abc.rds.amazonaws.com";
 * const [mapping] = matchAddresses(
 *   [{ id: name, name, firstSeenMs: 1, lastSeenMs: 2 }], index,
 * );
 * expect(mapping).toMatchObject({ resourceId: "aws:rds:orders", from: "endpoint" });
 * ```
 */
export function matchAddresses(
  peers: readonly Peer[],
  index: GraphIndex,
): readonly Mapping[] {
  return peers.flatMap((peer): Mapping[] => {
    const found = index.atAddress(peer.name);
    if (found === undefined) return [];
    return [{
      resourceId: found.node.id,
      resourceType: found.node.type,
      service: peer.id,
      serviceName: peer.name,
      confidence: MAPPING_CONFIDENCE[found.from],
      firstSeenMs: peer.firstSeenMs,
      lastSeenMs: peer.lastSeenMs,
      traceCount: 0,
      from: found.from,
    }];
  });
}
