import type { StoreSearch } from "../trace_store/search_pages.ts";
import { byPosition, type TracePosition } from "../trace_store/trace_page.ts";
import type { BackendAnswer, TraceBackend } from "./trace_backend.ts";

/** Traces that a store is asked for at once, at the most. */
export const MAX_BACKEND_TRACES = 5000;
/** How many times more are asked for where all that came were told already. */
const GROWTH = 4;

/** What a store has next. */
export interface BackendPage {
  /** The newest first. */
  readonly found: readonly TracePosition[];
  /** Nothing is missing up to here; null: nothing is missing at all. */
  readonly until: TracePosition | null;
}

/**
 * The traces of a store that come after a position. A store knows no such
 * place: it is asked for what starts until then, and where it puts more traces
 * there than are asked for, for more.
 */
export async function backendPage(
  backend: TraceBackend,
  { filter, after, limit }: StoreSearch,
): Promise<BackendAnswer<BackendPage>> {
  const toNs = after !== null && after.startNs < filter.toNs
    ? after.startNs + 1n
    : filter.toNs;
  for (let asked = Math.min(limit, MAX_BACKEND_TRACES);;) {
    const answer = await backend.searchTraces({ ...filter, toNs }, asked);
    if (!answer.ok) return answer;
    const sorted = answer.found.toSorted(byPosition);
    const found = sorted.filter((one) =>
      one.startNs >= filter.fromNs && one.startNs < toNs &&
      (after === null || byPosition(one, after) > 0)
    );
    const last = sorted.at(-1);
    if (
      last === undefined || sorted.length < asked ||
      last.startNs < filter.fromNs
    ) return { ok: true, found: { found, until: null } };
    if (found.length > 0) {
      const { startNs, traceId } = last;
      return { ok: true, found: { found, until: { startNs, traceId } } };
    }
    if (asked === MAX_BACKEND_TRACES) {
      return {
        ok: false,
        reason: `${backend.name} has more than ${MAX_BACKEND_TRACES} traces ` +
          "that start at almost the same time: ask for fewer of them",
      };
    }
    asked = Math.min(asked * GROWTH, MAX_BACKEND_TRACES);
  }
}
