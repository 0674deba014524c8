import { byteStringOfHex, hexOf } from "../../src/codec/byte_string.ts";
import type { Span } from "../../src/spans/span.ts";
import { piecesOf } from "../../src/spans/span_pieces.ts";
import type {
  BackendAnswer,
  TraceBackend,
} from "../../src/trace_backend/trace_backend.ts";
import { packKeptTraces } from "../../src/trace_store/kept_trace.ts";
import { searchPages } from "../../src/trace_index/search_pages.ts";
import { summaryOfSpans } from "../../src/trace_index/summary_of_spans.ts";
import type { TracePosition } from "../../src/trace_index/trace_page.ts";
import { readTraceId } from "../../src/trace_search/trace_id.ts";
import type { TraceShards } from "../../src/trace_search/trace_shards.ts";
import { protobufOfSpans } from "../spans/body_of_spans.ts";
import { searchOracle } from "../traces/search_oracle.ts";
import { SMALL_FORMS } from "../traces/small_spans.ts";

/** One shard that keeps these spans, all of them fresh. */
export function shardWith(spans: readonly Span[]): TraceShards {
  const traces = byTrace(spans);
  const fresh = new Map(
    Array.from(traces, ([id, own]) => [id, summaryOfSpans(id, own)]),
  );
  const shard = {
    findTraces: (ids: readonly string[]) =>
      Promise.resolve(packKeptTraces(ids.flatMap((id) => {
        const own = traces.get(id) ?? [];
        const summary = fresh.get(id);
        if (summary === undefined) return [];
        const kept = piecesOf(protobufOfSpans(own), "protobuf")
          .map((piece, at) => ({
            ...piece,
            encoding: "protobuf" as const,
            key: byteStringOfHex(own[at]?.spanId ?? "") +
              String.fromCharCode(own[at]?.kind ?? 0),
          }));
        return [{ id, summary, spans: kept }];
      }))),
    searchTraces: (search: Parameters<typeof searchPages>[0]) =>
      Promise.resolve(searchPages(search, { fresh, pages: () => [] })),
  };
  return { all: [shard], owners: () => [shard] };
}

/** What a store in memory was asked, and what is wrong with it. */
export interface MemoryBackend extends TraceBackend {
  /** The limits of the searches that it was asked for. */
  readonly limits: number[];
  fault: string | null;
}

/**
 * A store that holds these spans: like Tempo, it knows times in steps, looks
 * back so far only, and finds some traces that are not asked for.
 */
export function backendWith(
  spans: readonly Span[],
  { stepNs = 1n, reachNs = 2n ** 63n }: {
    readonly stepNs?: bigint;
    readonly reachNs?: bigint;
  } = {},
): MemoryBackend {
  const byId = byTrace(spans);
  const starts = Array.from(byId, ([traceId, own]): TracePosition => ({
    traceId,
    startNs: summaryOfSpans(traceId, own).startNs,
  }));
  const latestNs = starts.reduce(
    (latest, { startNs }) => startNs > latest ? startNs : latest,
    0n,
  );
  const earliestNs = starts.reduce(
    (earliest, { startNs }) => startNs < earliest ? startNs : earliest,
    latestNs,
  );
  const backend: MemoryBackend = {
    name: "Memory",
    limits: [],
    fault: null,
    loadTrace: (traceId) =>
      answered({
        spans: byId.get(readTraceId(traceId) ?? "") ?? [],
        warning: null,
      }),
    searchTraces(filter, limit) {
      backend.limits.push(limit);
      const toNs = (filter.toNs + stepNs - 1n) / stepNs * stepNs;
      const asked = { ...filter, toNs };
      const found = new Set(searchOracle(spans, asked, SMALL_FORMS));
      const untilNs = filter.toNs > latestNs ? latestNs + 1n : filter.toNs;
      const reachedNs = untilNs - reachNs;
      // It knows when there is nothing older.
      const isAll = reachedNs <= filter.fromNs || reachedNs < earliestNs;
      const fromNs = isAll ? filter.fromNs : reachedNs;
      const traces = starts
        .filter(({ traceId, startNs }) =>
          startNs >= fromNs && startNs < toNs &&
          (found.has(hexOf(traceId)) || isOdd(traceId))
        )
        .toSorted((a, b) =>
          a.startNs === b.startNs
            ? a.traceId < b.traceId ? -1 : 1
            : a.startNs > b.startNs
            ? -1
            : 1
        )
        .slice(0, limit);
      return answered({ traces, fromNs });
    },
  };
  function answered<T>(found: T): Promise<BackendAnswer<T>> {
    const { fault } = backend;
    return Promise.resolve(
      fault === null ? { ok: true, found } : { ok: false, reason: fault },
    );
  }
  return backend;
}

function byTrace(spans: readonly Span[]): Map<string, Span[]> {
  return Map.groupBy(spans, ({ traceId }) => byteStringOfHex(traceId));
}

function isOdd(traceId: string): boolean {
  return traceId.charCodeAt(traceId.length - 1) % 2 === 1;
}
