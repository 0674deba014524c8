import type {
  ResourceLink,
  ServiceOnResource,
} from "../correlation/blast_radius.ts";
import type { Change } from "../correlation/correlation_input.ts";
import type { Drift } from "../drift/drift.ts";
import { nodeOfId } from "../map/node_identity.ts";
import type { GraphIndex } from "../resources/graph_index.ts";
import type { Mapping } from "../resources/mapping.ts";
import { matchAddresses } from "../resources/match_addresses.ts";
import { referencesOf } from "../resources/references.ts";
import { sameResource } from "../resources/resource_identity.ts";
import type { MapSeries } from "../series/map_series.ts";

/** Edges that tell how resources hang together; calls are the map's own. */
const LINKING: ReadonlySet<string> = new Set([
  "network",
  "dependency",
  "ownership",
]);

/** How resources hang together: by edges, and by what metadata names. */
export function resourceLinks(index: GraphIndex): readonly ResourceLink[] {
  const { nodes, edges } = index.graph;
  return [
    ...edges.filter(({ type }) => LINKING.has(type)),
    ...nodes.flatMap((node) =>
      referencesOf(node, index).map((reference) => ({
        from: node.id,
        to: reference.node.id,
      }))
    ),
  ];
}

/** Which nodes of a map run on, or are, which resources. */
export function nodesOnResources(
  { edges, services }: Pick<MapSeries, "edges" | "services">,
  { mappings, index }: {
    readonly mappings: readonly Mapping[];
    readonly index: GraphIndex;
  },
): readonly ServiceOnResource[] {
  const told = new Set(services.map(({ id }) => id));
  const silent = new Set(
    edges.flatMap(({ from, to }) => [from, to]).filter((id) => !told.has(id)),
  );
  const peers = [...silent].map((id) => ({
    id,
    name: nodeOfId(id).name,
    firstSeenMs: 0,
    lastSeenMs: 0,
  }));
  return [...mappings, ...matchAddresses(peers, index)]
    .map(({ resourceId, service, confidence }) => ({
      resourceId,
      service,
      confidence,
    }));
}

/** An event as a change of resources as the links call them. */
export function changeOf(
  { id, resourceId, impactedResources, timeMs }: Drift,
  { mappings, index }: {
    readonly mappings: readonly ServiceOnResource[];
    readonly index: GraphIndex;
  },
): Change {
  function known(resource: string): readonly string[] {
    const named = index.named(resource).map((node) => node.id);
    if (named.length > 0) return named;
    // What no graph knows may still be what a service runs on.
    const mapped = mappings.find((mapping) =>
      sameResource(mapping.resourceId, resource)
    );
    return [mapped?.resourceId ?? resource];
  }
  const resourceIds = [resourceId, ...impactedResources].flatMap(known);
  return { id, resourceIds: [...new Set(resourceIds)], timeMs };
}
