import * as z from "zod/mini";
import { nodeId } from "../map/node_identity.ts";
import { mergeEdge } from "../map/merge_window.ts";
import { type EdgeStats, emptyEdge } from "../map/service_window.ts";
import {
  durationField,
  rateField,
  ratioField,
  timeField,
  traceIdsField,
} from "../query/answer_fields.ts";
import type { AnswerWindow } from "../query/answer_window.ts";
import {
  averageNs,
  nsOfMs,
  ratePerSecond,
  requestFigures,
  timeText,
} from "../query/figures.ts";
import { nodeRequests, noRequests } from "../query/node_requests.ts";
import { sampleTraces } from "../query/service_edge.ts";
import type { ServiceGraph } from "../query/service_graph.ts";
import { serviceNode, serviceNodeSchema } from "../query/service_node.ts";
import {
  mappingAnswer,
  mappingAnswerSchema,
} from "../resources/mapping_answer.ts";

/** Edges of one post, nodes of it, and links; a window that has more is cut. */
export const MAX_ENGINE_ITEMS = 1000;

/** AirDig's TraceEdge: all requests from one node to another. */
export const traceEdgeSchema = z.strictObject({
  from: z.string(),
  to: z.string(),
  /** `id` of a node. */
  from_id: z.string(),
  /** `id` of a node. */
  to_id: z.string(),
  /** Average. */
  latency: durationField,
  error_rate: ratioField,
  request_rate: rateField,
  trace_ids: traceIdsField,
  /** End of the window. */
  timestamp: timeField,
});

/** What is posted to AirDig's Engine. */
export const engineExportSchema = z.strictObject({
  edges: z.array(traceEdgeSchema),
  nodes: z.array(serviceNodeSchema),
  links: z.array(mappingAnswerSchema),
  window_start: timeField,
  window_end: timeField,
});

/** What is posted to AirDig's Engine. */
export type EngineExport = z.infer<typeof engineExportSchema>;

/**
 * A window of the map as AirDig's Engine takes it: one edge for each pair of
 * nodes, as its graph has them, whatever went between the two.
 *
 * @param graph Its nodes name their resources.
 * @returns One for each post; none where the window is empty.
 */
export function engineExports(
  graph: ServiceGraph,
  window: AnswerWindow,
): readonly EngineExport[] {
  const edges = [...pairs(graph).values()].map((edge) =>
    traceEdge(edge, window)
  );
  const requests = nodeRequests(graph);
  const nodes = [...graph.nodes.values()].map((node) =>
    serviceNode(node, requests.get(node.id) ?? noRequests(), window)
  );
  const links = [...graph.nodes.values()].flatMap(({ resources }) =>
    resources.map(mappingAnswer)
  );
  const most = Math.max(edges.length, nodes.length, links.length);
  return Array.from({ length: Math.ceil(most / MAX_ENGINE_ITEMS) }, (_, at) => {
    const from = at * MAX_ENGINE_ITEMS;
    const to = from + MAX_ENGINE_ITEMS;
    return {
      edges: edges.slice(from, to),
      nodes: nodes.slice(from, to),
      links: links.slice(from, to),
      window_start: timeText(window.startMs),
      window_end: timeText(window.endMs),
    };
  });
}

function pairs(graph: ServiceGraph): ReadonlyMap<string, EdgeStats> {
  const merged = new Map<string, EdgeStats>();
  for (const edge of graph.edges.values()) {
    const { from, to } = edge.key;
    const id = `${nodeId(from)}\n${nodeId(to)}`;
    const known = merged.get(id) ?? emptyEdge(edge.key);
    merged.set(id, known);
    mergeEdge(known, edge);
  }
  return merged;
}

function traceEdge(
  { key, latency, failed, samples }: EdgeStats,
  { startMs, endMs }: AnswerWindow,
): z.infer<typeof traceEdgeSchema> {
  const { request_count, error_rate } = requestFigures(latency.count, failed);
  return {
    from: key.from.name,
    to: key.to.name,
    from_id: nodeId(key.from),
    to_id: nodeId(key.to),
    latency: averageNs(latency),
    error_rate,
    request_rate: ratePerSecond(request_count, nsOfMs(endMs - startMs)),
    trace_ids: sampleTraces(samples),
    timestamp: timeText(endMs),
  };
}
