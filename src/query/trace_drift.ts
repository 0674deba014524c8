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
 * The changes of the hour before each trace ended to what it ran on or called,
 * and to what hangs together with that directly: the newest first. That they
 * were at that time says no more than that. D1 is asked once for all.
 *
 * @returns In the order of the traces.
 * @throws What D1 threw.
 */
export async function traceDrifts(
  { DB }: Pick<Bindings, "DB">,
  traces: readonly TraceOnResources[],
  { tenant, index }: { readonly tenant: string; readonly index: GraphIndex },
): Promise<readonly (readonly Drift[])[]> {
  const asked = traces.map((trace) => ({
    linked: linkedTo(trace),
    startMs: Date.parse(trace.start_time) - TRACE_DRIFT_MS,
    endMs: Date.parse(trace.end_time) + 1,
  }));
  const looked = asked.filter(({ linked }) => linked.size > 0);
  if (looked.length === 0) return traces.map(() => []);
  const drifts = await listDrifts(DB, tenant, {
    filter: {
      startMs: Math.min(...looked.map(({ startMs }) => startMs)),
      endMs: Math.max(...looked.map(({ endMs }) => endMs)),
    },
    limit: MAX_TRACE_DRIFTS * looked.length,
  });
  return asked.map(({ linked, startMs, endMs }) => {
    const around = drifts.filter(({ timeMs }) =>
      timeMs >= startMs && timeMs < endMs
    ).slice(0, MAX_TRACE_DRIFTS);
    if (around.length === 0) return [];
    const touched = [...linked, ...neighboursOfAll(linked, index)];
    return around.filter(({ resourceId }) =>
      touched.some((id) => sameResource(id, resourceId))
    );
  });
}

function linkedTo({ spans }: TraceOnResources): ReadonlySet<string> {
  return new Set(
    spans.flatMap(({ resources = [] }) =>
      resources.map((link) => link.resource_id)
    ),
  );
}

function neighboursOfAll(
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
