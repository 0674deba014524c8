import {
  LAST_TRACE_ID,
  type StoreSearch,
} from "../trace_index/search_pages.ts";
import { byPosition, type TracePosition } from "../trace_index/trace_page.ts";
import type { BackendAnswer, TraceBackend } from "./trace_backend.ts";

/** Traces that a store is asked for at once, at the most. */
export const MAX_BACKEND_TRACES = 5000;
/** How many times more are asked for where all that came were told already. */
const GROWTH = 4;
/** How often a store that looks back so far only is asked for one page. */
export const MAX_BACKEND_STEPS = 8;

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
  search: StoreSearch,
): Promise<BackendAnswer<BackendPage>> {
  let { after } = search;
  for (let steps = 1;; steps++) {
    const answer = await backendStep(backend, { ...search, after });
    if (!answer.ok) return answer;
    const { found, until } = answer.found;
    const isEnd = found.length > 0 || until === null;
    if (isEnd || steps === MAX_BACKEND_STEPS) return answer;
    after = until;
  }
}

/** As far as the store looks back at once. */
async function backendStep(
  backend: TraceBackend,
  { filter, after, limit }: StoreSearch,
): Promise<BackendAnswer<BackendPage>> {
  const toNs = after !== null && after.startNs < filter.toNs
    ? after.startNs + 1n
    : filter.toNs;
  for (let asked = Math.min(limit, MAX_BACKEND_TRACES);;) {
    const answer = await backend.searchTraces({ ...filter, toNs }, asked);
    if (!answer.ok) return answer;
    const { traces, fromNs } = answer.found;
    const sorted = traces.toSorted(byPosition);
    const found = sorted.filter((one) =>
      one.startNs >= fromNs && one.startNs < toNs &&
      (after === null || byPosition(one, after) > 0)
    );
    const last = sorted.at(-1);
    if (
      last === undefined || sorted.length < asked || last.startNs < fromNs
    ) {
      const until = fromNs <= filter.fromNs
        ? null
        : { startNs: fromNs, traceId: LAST_TRACE_ID };
      return { ok: true, found: { found, until } };
    }
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
