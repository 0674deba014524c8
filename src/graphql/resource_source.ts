import type * as z from "zod/mini";
import { askedResource } from "../resources/asked_resource.ts";
import { HttpProblem } from "../http/http_problem.ts";
import type { Mapping } from "../resources/mapping.ts";
import { mappingAnswer } from "../resources/mapping_answer.ts";
import {
  graphStateAnswer,
  type Neighbour,
  neighboursOf,
  type resourceDetailSchema,
  resourceFields,
} from "../resources/resource_answer.ts";
import type { ResourceNode } from "../resources/resource_graph.ts";
import { type InView, inView } from "./in_view.ts";
import type { MapView } from "./map_views.ts";
import { once } from "./once.ts";
import type { Lazy } from "./output_types.ts";

type ResourceAnswer = Omit<
  z.infer<typeof resourceDetailSchema>,
  "drift" | "neighbours" | "neighbour_count"
>;

/** A cloud resource, as a window of the map knows it. */
export type ResourceSource = InView<Lazy<ResourceAnswer>> & {
  /** The services that run on it, the surest first. */
  readonly mappings: readonly Mapping[];
  /** What hangs together with it. */
  readonly around: () => readonly Neighbour[];
};

/** A cloud resource, as a window of the map knows it. */
export function resourceSource(
  view: MapView,
  node: ResourceNode,
  mappings: readonly Mapping[] = askedResource(node.id, view.resources)
    .mappings,
): ResourceSource {
  const { index, state } = view.resources;
  return {
    view,
    mappings,
    around: once(() => neighboursOf(node, index)),
    ...resourceFields(node, index),
    metadata: node.metadata,
    tags: node.tags,
    created_at: node.createdAt,
    updated_at: node.updatedAt,
    services: () => [...inView(view, mappings.map(mappingAnswer))],
    graph: () => graphStateAnswer(state),
  };
}

/** The resource that an id names; null where none does, or several do. */
export function knownResource(
  view: MapView,
  id: string,
): ResourceSource | null {
  try {
    const { node, mappings } = askedResource(id, view.resources);
    return resourceSource(view, node, mappings);
  } catch (error) {
    if (error instanceof HttpProblem) return null;
    throw error;
  }
}
