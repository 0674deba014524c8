import { HttpProblem } from "../http/http_problem.ts";
import type { NodeIdentity } from "../map/node_identity.ts";
import { filterGraph, matchesFilter, type NodeFilter } from "./filter_graph.ts";
import type { ServiceGraph } from "./service_graph.ts";

/**
 * The problem of a name that is neither a service, silent or not, nor a node
 * on the map: status 404.
 */
export function unknownService(
  name: string,
  source: {
    readonly known: readonly NodeIdentity[];
    readonly graph: ServiceGraph;
  },
  filter: NodeFilter,
): HttpProblem | undefined {
  const { nodes } = filterGraph(source.graph, filter);
  const exists =
    source.known.some((service) =>
      service.name === name && matchesFilter(service, filter)
    ) || [...nodes.values()].some(({ identity }) => identity.name === name);
  if (exists) return undefined;
  const within = [
    ...(filter.namespace === undefined
      ? []
      : [`namespace "${filter.namespace}"`]),
    ...(filter.environment === undefined
      ? []
      : [`environment "${filter.environment}"`]),
  ];
  const where = within.length === 0 ? "" : ` in ${within.join(", ")}`;
  return new HttpProblem(
    404,
    `Cannot find a service "${name}"${where}: see GET /api/v1/services`,
  );
}
