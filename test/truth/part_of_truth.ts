import type { Diagnostics } from "../../src/query/diagnostics.ts";
import type { ServiceList } from "../../src/query/service_list.ts";
import type { ServiceMap } from "../../src/query/service_map.ts";
import type { KnownTruth } from "./known_truth.ts";

/**
 * The part of a map that has to do with the services of the truth, where
 * others send to the same TraceCore: an edge that leads to or from such a
 * service from elsewhere is part of it, and is a difference.
 */
export function mapPart(map: ServiceMap, truth: KnownTruth): ServiceMap {
  const edges = map.edges.filter(({ from_id, to_id }) =>
    truth.services.has(from_id) || truth.services.has(to_id)
  );
  const ends = new Set(edges.flatMap(({ from_id, to_id }) => [from_id, to_id]));
  const nodes = map.nodes.filter(({ id }) =>
    ends.has(id) || truth.services.has(id)
  );
  return { ...map, edges, nodes };
}

/** The services of the truth in a list. */
export function serviceListPart(
  list: ServiceList,
  truth: KnownTruth,
): ServiceList {
  const services = list.services.filter(({ id }) => truth.services.has(id));
  return { ...list, services, count: services.length };
}

/** The services of the truth in the diagnostics. */
export function diagnosticsPart(
  diagnostics: Diagnostics,
  truth: KnownTruth,
): Diagnostics {
  const services = diagnostics.services.filter(({ id }) =>
    truth.services.has(id)
  );
  return { ...diagnostics, services };
}
