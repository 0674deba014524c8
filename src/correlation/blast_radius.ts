/** Steps in the resource graph that a drift is followed. */
export const MAX_HOPS = 3;
/** Neighbours beyond which a resource is a hub, and passing it costs. */
export const HUB_NEIGHBOURS = 2;
/** Resources that one drift is followed to, nearest first. */
export const MAX_REACHED_RESOURCES = 5000;

/** An undirected connection: dependency, network, ownership, or reference. */
export interface ResourceLink {
  readonly from: string;
  readonly to: string;
}

/** That a service runs on, or is, a resource. */
export interface ServiceOnResource {
  readonly resourceId: string;
  readonly service: string;
  /** 0 to 1. */
  readonly confidence: number;
}

/** A resource that a drift may touch. */
export interface ReachedResource {
  readonly id: string;
  /** Hops from the drift's resource. */
  readonly distance: number;
  /** 1 at the drift's resource; less behind hubs. */
  readonly weight: number;
  /** From the drift's resource to this one, both included. */
  readonly path: readonly string[];
}

/** A service that a drift may touch. */
export interface ReachedService {
  readonly service: string;
  readonly resource: ReachedResource;
  /** The resource's weight times the mapping's confidence. */
  readonly weight: number;
}

/** Each resource's neighbours. */
export type ResourceGraph = ReadonlyMap<string, ReadonlySet<string>>;

/** The graph of the links, in both directions; a link to itself is none. */
export function resourceGraph(links: Iterable<ResourceLink>): ResourceGraph {
  const graph = new Map<string, Set<string>>();
  for (const { from, to } of links) {
    if (from === to) continue;
    for (const [one, other] of [[from, to], [to, from]] as const) {
      const neighbours = graph.get(one);
      if (neighbours === undefined) graph.set(one, new Set([other]));
      else neighbours.add(other);
    }
  }
  return graph;
}

/**
 * The resources that a change of one may touch, nearest first. Of several
 * equally short ways the one with the most weight counts.
 *
 * @param drifted The changed resource, then those that it is known to reach,
 *   which are as near as neighbours.
 *
 * @example
 * ```ts
 * import { reachedResources, resourceGraph } from "../src/correlation/blast_radius.ts";
 *
 * const graph = resourceGraph([
 *   { from: "sg", to: "eni" },
 *   { from: "eni", to: "i-1" },
 * ]);
 * expect(reachedResources(graph, ["sg"]).at(-1)).toEqual({
 *   id: "i-1",
 *   distance: 2,
 *   weight: 1,
 *   path: ["sg", "eni", "i-1"],
 * });
 * ```
 */
export function reachedResources(
  graph: ResourceGraph,
  drifted: readonly string[],
): ReachedResource[] {
  const [changed, ...known] = drifted;
  if (changed === undefined) return [];
  const reached = new Map<string, ReachedResource>();
  const impacted = new Set(known);
  let ring: ReachedResource[] = [
    { id: changed, distance: 0, weight: 1, path: [changed] },
  ];
  while (ring.length > 0) {
    const next = new Map<string, ReachedResource>();
    for (const resource of ring.toSorted((a, b) => b.weight - a.weight)) {
      if (reached.size >= MAX_REACHED_RESOURCES) return [...reached.values()];
      reached.set(resource.id, resource);
    }
    for (const { id, distance, weight, path } of ring) {
      if (distance === MAX_HOPS) continue;
      const neighbours = graph.get(id) ?? new Set();
      // What hangs on the changed resource itself is changed by it.
      const passed = distance === 0
        ? weight
        : weight * Math.min(1, HUB_NEIGHBOURS / neighbours.size);
      for (
        const neighbour of [...neighbours, ...distance === 0 ? impacted : []]
      ) {
        if (reached.has(neighbour)) continue;
        if ((next.get(neighbour)?.weight ?? 0) >= passed) continue;
        next.set(neighbour, {
          id: neighbour,
          distance: distance + 1,
          weight: passed,
          path: [...path, neighbour],
        });
      }
    }
    ring = [...next.values()];
  }
  return [...reached.values()];
}

/** The services on reached resources, each by its weightiest, heaviest first. */
export function reachedServices(
  resources: readonly ReachedResource[],
  mappings: Iterable<ServiceOnResource>,
): ReachedService[] {
  const byId = new Map(resources.map((resource) => [resource.id, resource]));
  const services = new Map<string, ReachedService>();
  for (const { resourceId, service, confidence } of mappings) {
    const resource = byId.get(resourceId);
    if (resource === undefined) continue;
    const weight = resource.weight * confidence;
    const known = services.get(service);
    if (known !== undefined && known.weight >= weight) continue;
    services.set(service, { service, resource, weight });
  }
  return [...services.values()].toSorted((a, b) => b.weight - a.weight);
}
