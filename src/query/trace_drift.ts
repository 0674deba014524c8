import type { Bindings } from "../bindings.ts";
import type { Drift } from "../drift/drift.ts";
import { listDrifts } from "../drift/drift_store.ts";
import type { GraphIndex } from "../resources/graph_index.ts";
import { neighboursOf } from "../resources/resource_answer.ts";
import { sameResource } from "../resources/resource_identity.ts";

/** How long before a trace a change may have been to be shown with it, ms. */
export const TRACE_DRIFT_MS = 3_600_000;
/** Changes of that time that are looked at. */
export const MAX_TRACE_DRIFTS = 500;

/** What of a trace its changes are told from. */
export interface TraceOnResources {
  readonly spans: readonly {
    readonly resources?:
      | readonly { readonly resource_id: string }[]
      | undefined;
  }[];
  readonly start_time: string;
  readonly end_time: string;
}

/**
 * The changes of the hour before a trace ended to what it ran on or called, and
 * to what hangs together with that directly: the newest first. That they were
 * at that time says no more than that.
 *
 * @throws What D1 threw.
 */
export async function traceDrift(
  { DB }: Pick<Bindings, "DB">,
  trace: TraceOnResources,
  { tenant, index }: { readonly tenant: string; readonly index: GraphIndex },
): Promise<readonly Drift[]> {
  const linked = new Set(
    trace.spans.flatMap(({ resources = [] }) =>
      resources.map((link) => link.resource_id)
    ),
  );
  if (linked.size === 0) return [];
  const drifts = await listDrifts(DB, tenant, {
    filter: {
      startMs: Date.parse(trace.start_time) - TRACE_DRIFT_MS,
      endMs: Date.parse(trace.end_time) + 1,
    },
    limit: MAX_TRACE_DRIFTS,
  });
  if (drifts.length === 0) return [];
  const touched = [...linked, ...around(linked, index)];
  return drifts.filter(({ resourceId }) =>
    touched.some((id) => sameResource(id, resourceId))
  );
}

function around(
  ids: ReadonlySet<string>,
  index: GraphIndex,
): readonly string[] {
  return [...ids].flatMap((id) => {
    const node = index.node(id);
    return node === undefined
      ? []
      : neighboursOf(node, index).map((neighbour) => neighbour.id);
  });
}
