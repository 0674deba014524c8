import {
  reachedResources,
  reachedServices,
  type ResourceGraph,
  type ServiceOnResource,
} from "./blast_radius.ts";
import type { Change } from "./correlation_input.ts";

/** What each hop beyond the first leaves of a link's weight. */
const WEIGHT_PER_HOP = 0.7;

/** The least weight of a node that a change is said to touch. */
export const MIN_TOUCH_WEIGHT = 0.1;

/** How a change reaches a node of the service map. */
export interface Touch {
  /** `nodeId`. */
  readonly node: string;
  /** Hops from the changed resource to the one that the node runs on. */
  readonly distance: number;
  /** How closely, 0 to 1: hubs, hops and doubtful mappings take from it. */
  readonly weight: number;
  /** Resources, from the changed one to the node's. */
  readonly path: readonly string[];
}

/** The nodes of the map that a change reaches, however faintly; by `nodeId`. */
export function touchedNodes(
  change: Change,
  { graph, mappings }: {
    readonly graph: ResourceGraph;
    readonly mappings: readonly ServiceOnResource[];
  },
): ReadonlyMap<string, Touch> {
  const resources = reachedResources(graph, change.resourceIds).map((one) => ({
    ...one,
    weight: one.weight * WEIGHT_PER_HOP ** Math.max(0, one.distance - 1),
  }));
  return new Map(
    reachedServices(resources, mappings).map((
      { service, resource, weight },
    ) => [
      service,
      {
        node: service,
        distance: resource.distance,
        weight,
        path: resource.path,
      },
    ]),
  );
}
