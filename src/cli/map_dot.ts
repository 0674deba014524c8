import { durationText, percentText } from "../correlation/plain_words.ts";
import { rateText } from "./figure_text.ts";
import type { ServiceMap } from "./map_text.ts";

/** Shapes of Graphviz by type of node; a box where none is named. */
const SHAPES: Readonly<Record<string, string>> = {
  database: "cylinder",
  cache: "cylinder",
  messaging: "cds",
  queue: "cds",
};

/** A call's figures in three words, as drawings of the map show them. */
export function edgeLabel(edge: ServiceMap["edges"][number]): string {
  return [
    rateText(edge.request_rate),
    `p95 ${durationText(edge.latency_p95)}`,
    `${percentText(edge.error_rate)} failed`,
  ].join(", ");
}

/** The map in Graphviz's language: `dot -Tsvg graph.dot`. */
export function mapDot({ nodes, edges }: ServiceMap): string {
  return [
    "digraph tracecore {",
    "  rankdir=LR;",
    "  node [shape=box];",
    ...nodes.map(({ id, name, type }) =>
      `  ${quoted(id)} [label=${quoted(`${name}\n${type}`)}` +
      `${SHAPES[type] === undefined ? "" : `, shape=${SHAPES[type]}`}];`
    ),
    ...edges.map((edge) =>
      `  ${quoted(edge.from_id)} -> ${quoted(edge.to_id)} ` +
      `[label=${quoted(edgeLabel(edge))}` +
      `${edge.error_count > 0 ? ", color=red" : ""}];`
    ),
    "}",
    "",
  ].join("\n");
}

function quoted(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')
    .replaceAll("\n", "\\n");
  return `"${escaped}"`;
}
