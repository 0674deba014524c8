import type { ClickHouseTarget } from "../clickhouse/clickhouse_target.ts";
import { loadTrace, searchTraces } from "../clickhouse/queries.ts";
import { readTraceId } from "../trace_search/trace_id.ts";
import type { TraceBackend } from "./trace_backend.ts";

/** ClickHouse as the store behind, by SQL over HTTP. */
export function clickhouseBackend(target: ClickHouseTarget): TraceBackend {
  return {
    name: "ClickHouse",
    async loadTrace(traceId) {
      const result = await loadTrace(target, traceId);
      if (!result.ok) return { ok: false, reason: result.failure.reason };
      return { ok: true, found: { spans: result.found, warning: null } };
    },
    async searchTraces(filter, limit) {
      const result = await searchTraces(filter, { target, limit });
      if (!result.ok) return { ok: false, reason: result.failure.reason };
      const traces = result.found.flatMap(({ traceId, startNs }) => {
        const id = readTraceId(traceId);
        // The table may hold what others wrote into it.
        return id === null ? [] : [{ traceId: id, startNs }];
      });
      return { ok: true, found: { traces, fromNs: filter.fromNs } };
    },
  };
}
