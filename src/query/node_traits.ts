import { nodeId } from "../map/node_identity.ts";
import { NodeTrait } from "../map/node_type.ts";
import type { EdgeStats } from "../map/service_window.ts";
import { edgeTraits } from "./edge_traits.ts";
import type { ServiceActivity } from "./service_activity.ts";

/**
 * Bits of `NodeTrait` by node id: what a service's own spans tell, and what
 * the edges do.
 */
export function nodeTraits(
  services: ReadonlyMap<string, ServiceActivity>,
  edges: ReadonlyMap<string, EdgeStats>,
): Map<string, number> {
  const traits = new Map<string, number>();
  for (const [id, { activity }] of services) {
    const begins = activity.roots.duration.count > 0 ? NodeTrait.BEGINS : 0;
    traits.set(id, activity.traits | begins);
  }
  function isReported(id: string): boolean {
    return services.has(id);
  }
  for (const { key } of edges.values()) {
    for (const [id, bits] of edgeTraits(key, isReported)) {
      traits.set(id, (traits.get(id) ?? 0) | bits);
    }
  }
  for (const [id, faces] of facesUsers(edges.values(), traits)) {
    const others = (traits.get(id) ?? 0) & ~NodeTrait.SERVES_ROOTS;
    traits.set(id, faces ? others | NodeTrait.SERVES_ROOTS : others);
  }
  return traits;
}

/**
 * Whether a service is asked by users (through `user`, a browser or an app)
 * rather than by programs: at least half of its requests come from them. A
 * probe that now and then asks an API does not make a page of it.
 *
 * @param traits Bits of `NodeTrait` by node id.
 * @returns By node id; only nodes that are asked by an edge.
 */
function facesUsers(
  edges: Iterable<EdgeStats>,
  traits: ReadonlyMap<string, number>,
): Map<string, boolean> {
  const userTraits = NodeTrait.USER | NodeTrait.BROWSER | NodeTrait.MOBILE;
  const asked = new Map<string, { all: number; byUsers: number }>();
  for (const { key, latency } of edges) {
    const to = nodeId(key.to);
    const counts = asked.get(to) ?? { all: 0, byUsers: 0 };
    asked.set(to, counts);
    counts.all += latency.count;
    if (((traits.get(nodeId(key.from)) ?? 0) & userTraits) !== 0) {
      counts.byUsers += latency.count;
    }
  }
  return new Map(
    [...asked].map(([id, { all, byUsers }]) => [id, byUsers * 2 >= all]),
  );
}
