import { writeTraceql } from "../search/write_traceql.ts";
import type { TraceFilter } from "../search/trace_filter.ts";
import { askTempo } from "./ask_tempo.ts";
import { readTempoSearch } from "./read_tempo_search.ts";
import { readTempoTrace } from "./read_tempo_trace.ts";
import type { TempoQuery } from "./tempo_query.ts";
import type { BackendAnswer, TraceBackend } from "./trace_backend.ts";

/**
 * How far Tempo looks back at once, ns: `query_frontend.search.max_duration`
 * is a week if nobody changed it, and counts whole seconds.
 */
export const MAX_TEMPO_RANGE_NS = (7n * 86_400n - 2n) * 1_000_000_000n;
const NS_PER_S = 1_000_000_000n;
const NS_PER_MS = 1_000_000n;
/** How far ahead of ours the clock of a sender may be, ns: a day. */
const AHEAD_NS = 86_400n * NS_PER_S;
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
      const range = askedRange(filter, tempo.nowMs);
      const { fromNs } = range;
      if (fromNs >= range.toNs) {
        return { ok: true, found: { traces: [], fromNs } };
      }
      const answer = await askTempo(tempo, {
        path: "/api/search",
        parameters: searchParameters({ ...filter, ...range }, limit),
        accept: "application/json",
      });
      if (!answer.ok) return answer;
      if (answer.found === null) {
        return { ok: false, reason: "it answered a search with status 404" };
      }
      const read = understood(readTempoSearch(answer.found), "found traces");
      return read.ok
        ? { ok: true, found: { traces: read.found, fromNs } }
        : read;
    },
  };
}

/** The part of a window that Tempo is asked about: the newest week of it. */
function askedRange(
  { fromNs, toNs }: TraceFilter,
  nowMs: number,
): Pick<TraceFilter, "fromNs" | "toNs"> {
  const latest = BigInt(nowMs) * NS_PER_MS + AHEAD_NS;
  const to = toNs < latest ? toNs : latest;
  const earliest = to - MAX_TEMPO_RANGE_NS;
  return { fromNs: fromNs > earliest ? fromNs : earliest, toNs: to };
}

/**
 * What Tempo is asked: its times are whole seconds, both within the window, in
 * which a trace need only have been under way; and without the hint it answers
 * the first traces that it comes across.
 *
 * Source: grafana/tempo, pkg/api/http.go; the TraceQL hint `most_recent` is in
 * Tempo since 2.8, and right since 2.8.2.
 */
function searchParameters(
  filter: TraceFilter,
  limit: number,
): Record<string, string> {
  return {
    q: `${writeTraceql(filter)} with (most_recent=true)`,
    // Second 0 means nothing to Tempo.
    start: String(filter.fromNs / NS_PER_S || 1n),
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
