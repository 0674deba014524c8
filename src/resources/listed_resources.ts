import type * as z from "zod/mini";
import type { LoadedGraph } from "../query/load_service_graph.ts";
import type { LoadedMappings } from "./load_mappings.ts";
import { nodeOfMapping } from "./resource_answer.ts";
import type { ResourceNode } from "./resource_graph.ts";
import {
  DEFAULT_RESOURCE_LIMIT,
  type resourceListParameters,
} from "./resource_parameters.ts";

/** What spans told, and what the addresses of the window's calls match. */
export function resourcesOf(
  { graph, resources }: Pick<LoadedGraph, "graph" | "resources">,
): LoadedMappings {
  const peers = [...graph.nodes.values()]
    .flatMap((node) => node.reported ? [] : node.resources);
  return { ...resources, mappings: [...resources.mappings, ...peers] };
}

/** All that the graph knows, and all that spans name, by `id`. */
export function allResources(
  { index, mappings }: LoadedMappings,
): readonly ResourceNode[] {
  const nodes = new Map<string, ResourceNode>(
    index.graph.nodes.map((node) => [node.id, node]),
  );
  for (const mapping of mappings) {
    if (!nodes.has(mapping.resourceId)) {
      nodes.set(mapping.resourceId, nodeOfMapping(mapping));
    }
  }
  return [...nodes.values()]
    .toSorted((one, other) => one.id < other.id ? -1 : 1);
}

/** A page of resources. */
export interface ResourcePage {
  /** By `id`. */
  readonly nodes: readonly ResourceNode[];
  /** The last one, where there is a next page. */
  readonly last: ResourceNode | null;
}

/** The resources that are asked for. */
export function listedResources(
  loaded: LoadedMappings,
  asked: z.infer<typeof resourceListParameters>,
): ResourcePage {
  const { limit = DEFAULT_RESOURCE_LIMIT, type, provider, cursor } = asked;
  const found = allResources(loaded).filter((node) =>
    (type === undefined || node.type === type) &&
    (provider === undefined || node.provider === provider) &&
    (cursor === undefined || node.id > cursor)
  );
  const nodes = found.slice(0, limit);
  return { nodes, last: found.length > limit ? nodes.at(-1) ?? null : null };
}
