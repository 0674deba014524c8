/** The two nodes of an `edgeId`, by `nodeId`: from, to. */
export function edgeNodes(id: string): readonly [string, string] {
  const [from = "", to = ""] = id.split("\n");
  return [from, to];
}
