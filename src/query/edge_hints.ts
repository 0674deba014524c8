import { nodeId } from "../map/node_identity.ts";
import { NodeTrait } from "../map/node_type.ts";
import type { EdgeStats } from "../map/service_window.ts";
import { edgesFrom } from "./edges_at.ts";
import { settledCount } from "./figures.ts";
import type { ServiceGraph } from "./service_graph.ts";
import type { Hint } from "./service_hints.ts";

const PROPAGATE = "Pass the header traceparent on at every proxy and queue " +
  "between the two, let both sample by the parent's decision, and let both " +
  "export to this service";
const PROPAGATE_FROM_BROWSER = "Name the API's origin in the browser " +
  "instrumentation's propagateTraceHeaderCorsUrls, and allow the header " +
  "traceparent in the API's CORS answer";

/**
 * What the edges that leave a node say in plain words: calls that ended at a
 * node without spans though a service of its name sends some, and messages
 * that were taken before they were sent.
 *
 * @param id `id` of a node of `graph`.
 */
export function edgeHints(graph: ServiceGraph, id: string): Hint[] {
  const names = reportedNames(graph);
  return edgesFrom(graph, id).flatMap((edge) => [
    ...namesakeHints(graph, edge, names),
    ...queueHints(edge),
  ]);
}

function namesakeHints(
  graph: ServiceGraph,
  { key, latency }: EdgeStats,
  names: ReadonlySet<string>,
): Hint[] {
  const host = hostLabel(key.to.name);
  if (key.connectionType !== "virtual_node" || !names.has(host)) return [];
  const caller = graph.nodes.get(nodeId(key.from));
  const inBrowser = ((caller?.traits ?? 0) & NodeTrait.BROWSER) !== 0;
  const count = settledCount(latency.count);
  return [{
    code: "uninstrumented_namesake",
    count,
    problem: `${count} requests of ${key.from.name} to "${key.to.name}" ` +
      `found no server span, though a service "${host}" sends spans: the ` +
      "trace context is lost between the two, or one side samples its spans " +
      "away",
    advice: inBrowser ? PROPAGATE_FROM_BROWSER : PROPAGATE,
  }];
}

function queueHints({ key, skewedQueueTimes }: EdgeStats): Hint[] {
  const count = settledCount(skewedQueueTimes);
  if (count === 0) return [];
  return [{
    code: "skewed_queue_times",
    count,
    problem: `${count} messages from ${key.from.name} to ${key.to.name} were ` +
      "taken before they were sent, by the two clocks: their time in the " +
      "queue is not known",
    advice: "Set both hosts' clocks by NTP",
  }];
}

function reportedNames(graph: ServiceGraph): ReadonlySet<string> {
  const reported = [...graph.nodes.values()].filter((node) => node.reported);
  return new Set(reported.map((node) => node.identity.name.toLowerCase()));
}

/** `cart` of `cart`, `cart:8080` and `cart.shop.svc.cluster.local`. */
function hostLabel(name: string): string {
  return (/^[^.:]*/.exec(name)?.[0] ?? name).toLowerCase();
}
