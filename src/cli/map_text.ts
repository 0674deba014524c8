import type { AnswerOf } from "../client/call_types.ts";
import { edgeFigures } from "./service_text.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";

/** The service map, as it is answered. */
export type ServiceMap = AnswerOf<"GET /api/v1/servicemap">;

/** The map's edges as a table, and the nodes that none of them touches. */
export function mapText({ nodes, edges }: ServiceMap, style: Style): string {
  const touched = new Set(
    edges.flatMap(({ from_id, to_id }) => [from_id, to_id]),
  );
  const alone = nodes.filter(({ id }) => !touched.has(id));
  const byName = Map.groupBy(nodes, ({ name }) => name);
  // Of services that share a name the id says which one is meant.
  function shown(name: string, id: string): string {
    return (byName.get(name)?.length ?? 0) > 1 ? id : name;
  }
  if (nodes.length === 0) return "Nothing is on the map in this window.\n";
  const drawn = edges.length === 0 ? "" : table(
    [
      { head: "FROM", cell: ({ from, from_id: id }) => shown(from, id) },
      { head: "TO", cell: ({ to, to_id: id }) => shown(to, id) },
      { head: "TYPE", cell: (edge) => edge.connection_type },
      ...edgeFigures(),
    ],
    edges,
    style,
  );
  return drawn +
    alone.map(({ name, type }) =>
      `${name} (${type}) calls nobody, and nobody calls it\n`
    ).join("");
}
