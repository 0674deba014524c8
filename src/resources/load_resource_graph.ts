import type { Bindings } from "../bindings.ts";
import { logFault } from "../http/log.ts";
import { DEFAULT_TENANT } from "../object_names.ts";
import type { Settings } from "../settings.ts";
import { settledWithin } from "../storage/settled_within.ts";
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

/** How long an answer waits for the first graph that is pulled, ms. */
export const FIRST_GRAPH_WAIT_MS = 2000;

/**
 * A tenant's graph. Where it is pulled and older than `GRAPH_FRESH_MS`, it is
 * pulled anew after the answer; the very first one is waited for, not for long:
 * a SkyGraph that does not answer must not hold up the map.
 *
 * SkyGraph knows no tenants: it is pulled for `default`, the others push.
 *
 * @throws What D1 threw.
 */
export async function loadResourceGraph(
  bindings: Pick<Bindings, "DB">,
  asked: GraphAsked,
): Promise<LoadedResourceGraph> {
  const { tenant, settings: { skygraph }, nowMs, waitUntil } = asked;
  const state = await readGraphState(bindings.DB, tenant);
  const isStale = (state?.askedMs ?? 0) <= nowMs - GRAPH_FRESH_MS;
  if (skygraph !== null && tenant === DEFAULT_TENANT && isStale) {
    const pulled = pullGraph(bindings, { skygraph, tenant, nowMs })
      .catch((error: unknown) => logFault("skygraph_not_pulled", error));
    waitUntil(pulled);
    if (state === null) await settledWithin(pulled, FIRST_GRAPH_WAIT_MS);
  }
  const newest = state ?? await readGraphState(bindings.DB, tenant);
  return {
    state: newest,
    index: await indexOf(bindings, tenant, newest?.version ?? ""),
  };
}

async function indexOf(
  { DB }: Pick<Bindings, "DB">,
  tenant: string,
  asked: string,
): Promise<GraphIndex> {
  let version = asked;
  for (let attempt = 0; version !== ""; attempt++) {
    if (remembered?.tenant === tenant && remembered.version === version) {
      return remembered.index;
    }
    const graph = await readGraph(DB, tenant, version);
    if (graph !== null) {
      const index = new GraphIndex(graph);
      remembered = { tenant, version, index };
      return index;
    }
    if (attempt >= MAX_READ_ATTEMPTS) {
      throw new RangeError(
        `Cannot read the graph "${version}" of "${tenant}": it has no rows`,
      );
    }
    // Replaced between the two reads: the next state has another version.
    version = (await readGraphState(DB, tenant))?.version ?? "";
  }
  return NO_GRAPH;
}

/** How often a graph that is replaced while it is read is read again. */
const MAX_READ_ATTEMPTS = 3;
