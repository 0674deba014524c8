import type { ServiceFinding } from "../correlation/drift_finding.ts";
import { nodeId } from "../map/node_identity.ts";
import { sampleTraces } from "../query/service_edge.ts";
import type { ServiceGraph } from "../query/service_graph.ts";

/** Traces that a report shows of one service, before and after each. */
export const MAX_REPORT_TRACES = 5;
/** Traces of one report of which more than the id is told. */
export const MAX_READ_TRACES = 20;

/** The traces of all services of which more is told, the worst first. */
export function readTraceIds(
  findings: readonly ServiceFinding[],
  graph: Pick<ServiceGraph, "edges">,
): string[] {
  const ids = findings.flatMap((one) => impactTraces(one, graph));
  return [...new Set(ids)].slice(0, MAX_READ_TRACES);
}

/** The traces that show what a service had, the failed and slow ones first. */
export function impactTraces(
  { service, effects }: ServiceFinding,
  graph: Pick<ServiceGraph, "edges">,
): string[] {
  const edges = new Set(effects.flatMap(({ edge }) => edge ?? []));
  // Of what a service serves, its callers' edges hold the samples.
  const samples = [...graph.edges]
    .filter(([id, { key }]) =>
      edges.has(id) || (edges.size === 0 && nodeId(key.to) === service)
    )
    .flatMap(([, edge]) => edge.samples);
  return [...new Set(sampleTraces(samples))].slice(0, MAX_REPORT_TRACES);
}
