import type { ServiceMap } from "./map_text.ts";

type Edge = ServiceMap["edges"][number];
type Node = ServiceMap["nodes"][number];
type Value = string | number | undefined;

const NODE_DATA: Readonly<Record<string, (node: Node) => Value>> = {
  name: (node) => node.name,
  namespace: (node) => node.namespace,
  environment: (node) => node.environment,
  type: (node) => node.type,
  resource_id: (node) => node.resource_id,
};

const EDGE_DATA: Readonly<Record<string, (edge: Edge) => Value>> = {
  connection_type: (edge) => edge.connection_type,
  request_rate: (edge) => edge.request_rate,
  request_count: (edge) => edge.request_count,
  error_count: (edge) => edge.error_count,
  error_rate: (edge) => edge.error_rate,
  latency: (edge) => edge.latency,
  latency_p50: (edge) => edge.latency_p50,
  latency_p95: (edge) => edge.latency_p95,
  latency_p99: (edge) => edge.latency_p99,
};

const TEXTS = new Set([...Object.keys(NODE_DATA), "connection_type"]);

/**
 * The map as GraphML (http://graphml.graphdrawing.org), for Gephi, yEd and
 * NetworkX; latencies in ns.
 */
export function mapGraphml({ nodes, edges }: ServiceMap): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ...keys("node", NODE_DATA),
    ...keys("edge", EDGE_DATA),
    '  <graph id="servicemap" edgedefault="directed">',
    ...nodes.flatMap((node) => [
      `    <node id="${escaped(node.id)}">`,
      ...data(NODE_DATA, node),
      "    </node>",
    ]),
    ...edges.flatMap((edge, at) => [
      `    <edge id="e${at}" source="${escaped(edge.from_id)}" ` +
      `target="${escaped(edge.to_id)}">`,
      ...data(EDGE_DATA, edge),
      "    </edge>",
    ]),
    "  </graph>",
    "</graphml>",
    "",
  ].join("\n");
}

function keys(
  kind: string,
  fields: Readonly<Record<string, unknown>>,
): string[] {
  return Object.keys(fields).map((name) =>
    `  <key id="${name}" for="${kind}" attr.name="${name}" ` +
    `attr.type="${TEXTS.has(name) ? "string" : "double"}"/>`
  );
}

function data<Of>(
  fields: Readonly<Record<string, (of: Of) => Value>>,
  of: Of,
): string[] {
  return Object.entries(fields).flatMap(([name, valueOf]) => {
    const value = valueOf(of);
    return value === undefined || value === ""
      ? []
      : [`      <data key="${name}">${escaped(String(value))}</data>`];
  });
}

/** Without the controls that XML 1.0 has no form for. */
function escaped(text: string): string {
  return text.replaceAll(/[^\t\n\r\P{Cc}]/gu, "\ufffd")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
