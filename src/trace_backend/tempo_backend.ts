import { writeTraceql } from "../search/write_traceql.ts";
import type { TraceFilter } from "../search/trace_filter.ts";
import { askTempo } from "./ask_tempo.ts";
import { readTempoSearch } from "./read_tempo_search.ts";
import { readTempoTrace } from "./read_tempo_trace.ts";
import type { TempoQuery } from "./tempo_query.ts";
import type { BackendAnswer, TraceBackend } from "./trace_backend.ts";

const NS_PER_S = 1_000_000_000n;
const NO_TRACE = { spans: [], warning: null };

/** Tempo as the store behind, by its query API. */
export function tempoBackend(tempo: TempoQuery): TraceBackend {
  return {
    name: "Tempo",
    async loadTrace(traceId) {
      const answer = await askTempo(tempo, {
        path: `/api/v2/traces/${traceId}`,
        parameters: {},
        accept: "application/protobuf",
      });
      if (!answer.ok) return answer;
      if (answer.found === null) return { ok: true, found: NO_TRACE };
      return understood(readTempoTrace(answer.found), "a trace");
    },
    async searchTraces(filter, limit) {
      const answer = await askTempo(tempo, {
        path: "/api/search",
        parameters: searchParameters(filter, limit),
        accept: "application/json",
      });
      if (!answer.ok) return answer;
      return answer.found === null
        ? { ok: false, reason: "it answered a search with status 404" }
        : understood(readTempoSearch(answer.found), "found traces");
    },
  };
}

/**
 * What Tempo is asked: its times are whole seconds, and without the hint it
 * answers the first traces that it comes across.
 *
 * Source: Tempo 2.8's HTTP API, "Search"; TraceQL, "Retrieving most recent
 * results".
 */
function searchParameters(
  filter: TraceFilter,
  limit: number,
): Record<string, string> {
  return {
    q: `${writeTraceql(filter).query} with (most_recent=true)`,
    start: String(filter.fromNs / NS_PER_S),
    end: String((filter.toNs + NS_PER_S - 1n) / NS_PER_S),
    limit: String(limit),
    // No more of each trace is looked at than is needed to find it.
    spss: "1",
  };
}

function understood<T>(found: T | null, what: string): BackendAnswer<T> {
  return found === null
    ? { ok: false, reason: `it answered something else than ${what}` }
    : { ok: true, found };
}
