import { MAX_SERVICES_PER_TENANT } from "../directory/admit_ids.ts";
import {
  MAX_EDGES_PER_SERVICE,
  MAX_ENDPOINTS_PER_SERVICE,
  MAX_OPERATIONS_PER_SERVICE,
  OVERFLOW_NAME,
} from "../map/window_entries.ts";
import type { GraphNode } from "./service_graph.ts";

const COUNTED = `the rest is counted under ${OVERFLOW_NAME}`;

/** Says where there is more of something than is kept. */
export function overflowWarnings(nodes: Iterable<GraphNode>): string[] {
  const all = [...nodes];
  return [
    ...servicesWarning(all),
    ...warning(
      all.filter((node) => node.activity.counters.overflowedEdges > 0),
      `more than ${MAX_EDGES_PER_SERVICE} edges: ${COUNTED}`,
    ),
    ...warning(
      all.filter((node) => node.activity.counters.overflowedOperations > 0),
      `more than ${MAX_OPERATIONS_PER_SERVICE} operations: ${COUNTED}`,
    ),
    ...warning(
      all.filter((node) => node.activity.counters.droppedEndpoints > 0),
      `more than ${MAX_ENDPOINTS_PER_SERVICE} endpoints: the rest is not listed`,
    ),
  ];
}

function servicesWarning(nodes: readonly GraphNode[]): string[] {
  const overflowed = nodes.some(({ identity, reported }) =>
    reported && identity.name === OVERFLOW_NAME
  );
  if (!overflowed) return [];
  return [
    `There are more than ${MAX_SERVICES_PER_TENANT} services, or a key brought ` +
    "in more than it may, in all or within an hour: the spans of the rest " +
    `are counted under ${OVERFLOW_NAME}`,
  ];
}

function warning(nodes: readonly GraphNode[], what: string): string[] {
  if (nodes.length === 0) return [];
  const names = nodes.map((node) => node.id).join(", ");
  return [`In one window ${names} had ${what}`];
}
