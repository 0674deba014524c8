import type { Bindings } from "../bindings.ts";
import { flushMappings } from "./flush_mappings.ts";
import { type GraphAsked, loadResourceGraph } from "./load_resource_graph.ts";
import type { GraphIndex } from "./graph_index.ts";
import type { GraphState } from "./graph_state.ts";
import type { Mapping } from "./mapping.ts";
import { mappingBook } from "./mapping_book.ts";
import { MAPPING_KEPT_MS } from "./mapping_limits.ts";
import { readMappings } from "./mapping_store.ts";
import { resolveMappings } from "./resolve_mappings.ts";

/** A tenant's resources, and what its spans told of them. */
export interface LoadedMappings {
  readonly state: GraphState | null;
  readonly index: GraphIndex;
  /** Those that spans told; `matchAddresses` adds the others. */
  readonly mappings: readonly Mapping[];
}

/**
 * A tenant's resources and which services run on them. What this isolate has
 * seen is written first, so that who asks sees it.
 *
 * @throws What D1 threw.
 */
export async function loadMappings(
  bindings: Pick<Bindings, "DB">,
  asked: GraphAsked,
): Promise<LoadedMappings> {
  const { tenant, nowMs } = asked;
  await flushMappings(mappingBook, bindings, { nowMs, of: tenant });
  const [rows, { state, index }] = await Promise.all([
    readMappings(bindings.DB, tenant, nowMs - MAPPING_KEPT_MS),
    loadResourceGraph(bindings, asked),
  ]);
  return { state, index, mappings: resolveMappings(rows, index) };
}
