import { edgeLabel } from "./map_dot.ts";
import type { ServiceMap } from "./map_text.ts";

/** The map as Mermaid's flowchart, for Markdown. */
export function mapMermaid({ nodes, edges }: ServiceMap): string {
  const names = new Map(nodes.map(({ id }, at) => [id, `n${at}`]));
  return [
    "flowchart LR",
    ...nodes.map(({ id, name, type }) => {
      const label = quoted(name);
      return `  ${nameOf(id)}${
        type === "database" ? `[(${label})]` : `[${label}]`
      }`;
    }),
    ...edges.map((edge) =>
      `  ${nameOf(edge.from_id)} -->|${quoted(edgeLabel(edge))}| ` +
      nameOf(edge.to_id)
    ),
    "",
  ].join("\n");

  function nameOf(id: string): string {
    return names.get(id) ?? quoted(id);
  }
}

// Mermaid knows no escapes, only entities by their number.
function quoted(text: string): string {
  const escaped = text.replaceAll(
    /["#&<>\n]/g,
    (character) => `#${character.codePointAt(0) ?? 0};`,
  );
  return `"${escaped}"`;
}
