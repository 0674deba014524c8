import * as z from "zod/mini";
import { driftAnswerSchema } from "../drift/drift_answer.ts";
import { countField, timeField } from "../query/answer_fields.ts";
import { timeText } from "../query/figures.ts";
import type { GraphIndex } from "./graph_index.ts";
import type { GraphState } from "./graph_state.ts";
import type { Mapping } from "./mapping.ts";
import { mappingAnswerSchema } from "./mapping_answer.ts";
import { referencesOf } from "./references.ts";
import type { ResourceNode } from "./resource_graph.ts";
import { kindOfId } from "./resource_identity.ts";

/** Neighbours that an answer lists. */
export const MAX_NEIGHBOURS = 500;

const resourceShape = {
  id: z.string(),
  type: z.string(),
  provider: z.string(),
  region: z.string(),
  name: z.string(),
  in_graph: z.boolean().check(
    z.describe("Whether SkyGraph knows it; else spans named it."),
  ),
};

/** Where the graph came from, and how old it is. */
export const graphStateSchema = z.strictObject({
  source: z.enum(["skygraph", "pushed"]),
  nodes: countField,
  edges: countField,
  received: z.nullable(timeField).check(
    z.describe("When it was last told; null: there is none yet."),
  ),
  asked: z.nullable(timeField).check(
    z.describe("When SkyGraph was last asked; null: never."),
  ),
  failure: z.nullable(z.string()).check(
    z.describe("Why SkyGraph did not answer then; null where it did."),
  ),
}).register(z.globalRegistry, { id: "GraphState" });

/** Answer to `GET /api/v1/resources`. */
export const resourceListSchema = z.strictObject({
  resources: z.array(z.strictObject({
    ...resourceShape,
    services: z.array(z.string()).check(
      z.describe("Names of the services that run on it, sorted."),
    ),
  })).check(z.describe("By `id`.")),
  count: countField,
  next_cursor: z.nullable(z.string()).check(
    z.describe("For the next page; null: there is none."),
  ),
  graph: z.nullable(graphStateSchema),
}).register(z.globalRegistry, { id: "ResourceList" });

/** What a resource hangs together with. */
export const neighbourSchema = z.strictObject({
  id: z.string(),
  type: z.string(),
  name: z.string(),
  edge_type: z.string().check(
    z.describe("The edge's; `reference`: one's metadata names the other."),
  ),
  direction: z.enum(["out", "in"]).check(
    z.describe("Whether the edge leads there or from there."),
  ),
  weight: z.number(),
}).register(z.globalRegistry, { id: "Neighbour" });

/** Answer to `GET /api/v1/resources/{id}`. */
export const resourceDetailSchema = z.strictObject({
  ...resourceShape,
  metadata: z.record(z.string(), z.unknown()),
  tags: z.record(z.string(), z.unknown()),
  created_at: z.string(),
  updated_at: z.string(),
  services: z.array(mappingAnswerSchema).check(z.describe("The surest first.")),
  neighbours: z.array(neighbourSchema),
  neighbour_count: countField.check(
    z.describe("All of them, though no more than MAX_NEIGHBOURS are listed."),
  ),
  drift: z.array(driftAnswerSchema).check(z.describe("The newest first.")),
  graph: z.nullable(graphStateSchema),
}).register(z.globalRegistry, { id: "Resource" });

/** Answer to `GET /api/v1/resources/{id}/services`. */
export const resourceServicesSchema = z.strictObject({
  resource_id: z.string(),
  services: z.array(mappingAnswerSchema).check(z.describe("The surest first.")),
  count: countField,
}).register(z.globalRegistry, { id: "ResourceServices" });

/** Answer to `PUT /api/v1/resources`. */
export const takenGraphSchema = z.strictObject({
  nodes: countField,
  edges: countField,
  loose_edges: countField.check(
    z.describe("Edges left out, since a node at an end of them is not there."),
  ),
}).register(z.globalRegistry, { id: "TakenGraph" });

/** What a resource hangs together with. */
export type Neighbour = z.infer<typeof neighbourSchema>;

/** What is known of a graph, as it is answered. */
export function graphStateAnswer(
  state: GraphState | null,
): z.infer<typeof graphStateSchema> | null {
  if (state === null) return null;
  const { source, nodes, edges, receivedMs, askedMs, failure } = state;
  return {
    source,
    nodes,
    edges,
    received: receivedMs === 0 ? null : timeText(receivedMs),
    asked: askedMs === 0 ? null : timeText(askedMs),
    failure: failure === "" ? null : failure,
  };
}

/** What every answer says of a resource. */
export function resourceFields(node: ResourceNode, index: GraphIndex) {
  const { id, type, provider, region, name } = node;
  const in_graph = index.node(id) !== undefined;
  return { id, type, provider, region, name, in_graph };
}

/** A resource that only spans named, as a node that says nothing else. */
export function nodeOfMapping(
  { resourceId, resourceType }: Mapping,
): ResourceNode {
  return {
    id: resourceId,
    type: resourceType,
    provider: kindOfId(resourceId).provider,
    region: "",
    name: "",
    metadata: {},
    tags: {},
    createdAt: "",
    updatedAt: "",
  };
}

/** What hangs together with a node: by edges, and by what metadata names. */
export function neighboursOf(
  node: ResourceNode,
  index: GraphIndex,
): readonly Neighbour[] {
  const byEdges = index.edgesAt(node.id).map((edge): Neighbour | undefined => {
    const out = edge.from === node.id;
    const other = index.node(out ? edge.to : edge.from);
    return other && {
      id: other.id,
      type: other.type,
      name: other.name,
      edge_type: edge.type,
      direction: out ? "out" : "in",
      weight: edge.weight,
    };
  }).filter((neighbour) => neighbour !== undefined);
  const byReference = referencesOf(node, index).map((
    { node: other },
  ): Neighbour => ({
    id: other.id,
    type: other.type,
    name: other.name,
    edge_type: "reference",
    direction: "out",
    weight: 1,
  }));
  return [...byEdges, ...byReference];
}
