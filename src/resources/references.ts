import type { Json } from "../drift/drift.ts";
import type { GraphIndex } from "./graph_index.ts";
import type { ResourceNode } from "./resource_graph.ts";

/** What of a node's metadata names other resources. */
export const REFERENCE_KEYS = [
  "security_groups",
  "security_group_ids",
  "subnet_id",
  "subnet_ids",
  "vpc_id",
] as const;

/** Another node that a node's metadata names. */
export interface Reference {
  readonly key: (typeof REFERENCE_KEYS)[number];
  readonly node: ResourceNode;
}

/** The nodes that a node's metadata names, each once. */
export function referencesOf(
  node: ResourceNode,
  index: GraphIndex,
): readonly Reference[] {
  const found = new Map<string, Reference>();
  for (const key of REFERENCE_KEYS) {
    for (const id of idsIn(node.metadata[key])) {
      const [named, ...others] = index.named(id);
      if (named === undefined || others.length > 0) continue;
      if (named.id !== node.id && !found.has(named.id)) {
        found.set(named.id, { key, node: named });
      }
    }
  }
  return [...found.values()];
}

function idsIn(value: Json | undefined): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((one) => typeof one === "string");
}
