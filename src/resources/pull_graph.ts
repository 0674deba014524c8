import { type AirdigTarget, askAirdig } from "../airdig/ask_airdig.ts";
import type { Bindings } from "../bindings.ts";
import { logFault } from "../http/log.ts";
import { claimAsking, noteFailure, writeGraph } from "./graph_store.ts";
import { readResourceGraph } from "./read_resource_graph.ts";
import { MAX_GRAPH_BYTES } from "./resource_graph.ts";

/** How long SkyGraph may take to answer, ms. */
export const SKYGRAPH_TIMEOUT_MS = 10_000;
/** SkyGraph is asked at most this often, ms, by all isolates together. */
export const GRAPH_FRESH_MS = 60_000;

/** Whose graph is pulled, and from where. */
export interface PullOptions {
  readonly skygraph: AirdigTarget;
  readonly tenant: string;
  readonly nowMs: number;
  /** @default {SKYGRAPH_TIMEOUT_MS} */
  readonly timeoutMs?: number;
}

/**
 * Asks SkyGraph for the graph and stores it, unless someone has asked within
 * `GRAPH_FRESH_MS`. Where it does not answer, or answers something else, the
 * last graph stays, and why is noted for the status.
 *
 * @throws What D1 threw.
 */
export async function pullGraph(
  { DB }: Pick<Bindings, "DB">,
  options: PullOptions,
): Promise<void> {
  const { skygraph, tenant, nowMs, timeoutMs = SKYGRAPH_TIMEOUT_MS } = options;
  const beforeMs = nowMs - GRAPH_FRESH_MS;
  if (!await claimAsking(DB, tenant, { nowMs, beforeMs })) return;
  const answer = await askAirdig(skygraph, {
    path: "/api/v1/graph",
    timeoutMs,
    maxBytes: MAX_GRAPH_BYTES,
  });
  const found = answer.ok ? answer.found : null;
  const read = found === null ? null : readResourceGraph(found.json);
  if (read?.ok === true) {
    await writeGraph(DB, tenant, {
      graph: read.graph,
      source: "skygraph",
      nowMs,
    });
    return;
  }
  const reason = !answer.ok
    ? answer.reason
    : read === null
    ? "it answered with status 404"
    : "it answered no graph: " + read.problems
      .map(({ parameter, problem }) => `${parameter} ${problem}`)
      .slice(0, MAX_NOTED_PROBLEMS).join("; ");
  logFault("skygraph_not_pulled", new Error(reason), { tenant });
  await noteFailure(DB, tenant, reason);
}

/** Wrong fields that a noted failure names. */
const MAX_NOTED_PROBLEMS = 3;
