import * as z from "zod/mini";
import type { SpanCounters } from "../map/service_window.ts";

const count = z.int().check(z.minimum(0));

/** What became of a service's spans: why something is missing from the map. */
export const spanCountsSchema = z.strictObject({
  /** Spans that counted. */
  spans: count,
  /** Spans that had been counted before. */
  duplicates: count,
  /** CLIENT and PRODUCER spans that found no other half and name no peer. */
  unpaired_clients: count,
  /** SERVER and CONSUMER spans whose parent or link never came. */
  unpaired_servers: count,
  /** Spans that came after their minute was closed, and revised it. */
  late: count,
  /** Spans that ended too long ago to count. */
  too_late: count,
  /** Spans that ended in our future. */
  skewed: count,
  /** Spans beyond what one trace may have. */
  oversized_traces: count,
  /** Additions to an edge beyond what a service may have. */
  overflowed_edges: count,
  /** Additions to an operation beyond what a service may have. */
  overflowed_operations: count,
  /** Additions of an endpoint beyond what a service lists. */
  dropped_endpoints: count,
});

/** What became of a service's spans. */
export type SpanCounts = z.infer<typeof spanCountsSchema>;

/** Counters as they are answered. */
export function spanCounts(counters: Readonly<SpanCounters>): SpanCounts {
  return {
    spans: positive(counters.spans),
    duplicates: positive(counters.duplicates),
    unpaired_clients: positive(counters.unpairedClients),
    unpaired_servers: positive(counters.unpairedServers),
    late: positive(counters.late),
    too_late: positive(counters.tooLate),
    skewed: positive(counters.skewed),
    oversized_traces: positive(counters.oversizedTraces),
    overflowed_edges: positive(counters.overflowedEdges),
    overflowed_operations: positive(counters.overflowedOperations),
    dropped_endpoints: positive(counters.droppedEndpoints),
  };
}

// A correction in this window may take back what an earlier window counted.
function positive(counter: number): number {
  return Math.max(0, Math.round(counter));
}
