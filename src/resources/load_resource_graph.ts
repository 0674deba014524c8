import type { Bindings } from "../bindings.ts";
import { logFault } from "../http/log.ts";
import { DEFAULT_TENANT } from "../object_names.ts";
import type { Settings } from "../settings.ts";
import { GraphIndex } from "./graph_index.ts";
import type { GraphState } from "./graph_state.ts";
import { readGraph, readGraphState } from "./graph_store.ts";
import { GRAPH_FRESH_MS, pullGraph } from "./pull_graph.ts";

/** Whose graph is asked for, and when. */
export interface GraphAsked {
  readonly tenant: string;
  readonly settings: Pick<Settings, "skygraph">;
  readonly nowMs: number;
  /** Keeps the isolate alive for what goes on after the answer. */
  readonly waitUntil: (promise: Promise<unknown>) => void;
}

/** A tenant's graph, and what is known of it. */
export interface LoadedResourceGraph {
  /** null: there never was one. */
  readonly state: GraphState | null;
  readonly index: GraphIndex;
}

const NO_GRAPH = new GraphIndex({ nodes: [], edges: [] });

// One graph may have 8 MiB as JSON: an isolate remembers the last one alone.
let remembered: {
  readonly tenant: string;
  readonly version: string;
  readonly index: GraphIndex;
} | null = null;

/**
 * A tenant's graph. Where it is pulled and older than `GRAPH_FRESH_MS`, it is
 * pulled anew after the answer; the first one is waited for.
 *
 * SkyGraph knows no tenants: it is pulled for `default`, the others push.
 *
 * @throws What D1 threw.
 */
export async function loadResourceGraph(
  bindings: Pick<Bindings, "DB">,
  asked: GraphAsked,
): Promise<LoadedResourceGraph> {
  const { tenant, settings: { skygraph }, nowMs } = asked;
  const state = await readGraphState(bindings.DB, tenant);
  const isStale = (state?.askedMs ?? 0) <= nowMs - GRAPH_FRESH_MS;
  if (skygraph === null || tenant !== DEFAULT_TENANT || !isStale) {
    return withIndex(bindings, tenant, state);
  }
  const pulled = pullGraph(bindings, { skygraph, tenant, nowMs })
    .catch((error: unknown) => logFault("skygraph_not_pulled", error));
  asked.waitUntil(pulled);
  if (state !== null && state.version !== "") {
    return withIndex(bindings, tenant, state);
  }
  await pulled;
  return withIndex(
    bindings,
    tenant,
    await readGraphState(bindings.DB, tenant),
  );
}

async function withIndex(
  { DB }: Pick<Bindings, "DB">,
  tenant: string,
  state: GraphState | null,
): Promise<LoadedResourceGraph> {
  if (state === null || state.version === "") return { state, index: NO_GRAPH };
  const { version } = state;
  if (remembered?.tenant === tenant && remembered.version === version) {
    return { state, index: remembered.index };
  }
  const graph = await readGraph(DB, tenant, version);
  // Replaced between the two reads: the next state has another version.
  if (graph === null) {
    return withIndex({ DB }, tenant, await readGraphState(DB, tenant));
  }
  const index = new GraphIndex(graph);
  remembered = { tenant, version, index };
  return { state, index };
}
