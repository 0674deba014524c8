import { Histogram } from "./histogram.ts";
import type { NodeIdentity } from "./node_identity.ts";
import type { Sample } from "./sample.ts";
import type { SpanKind, StatusCode } from "./span_kind.ts";

/** How two nodes are connected, in the words of Tempo's service graphs. */
export type ConnectionType =
  | ""
  | "messaging_system"
  | "database"
  | "virtual_node";

/** What makes an edge the same edge. */
export interface EdgeKey {
  readonly from: NodeIdentity;
  readonly to: NodeIdentity;
  readonly connectionType: ConnectionType;
  /** `messaging.system`, to a database `db.system.name`, or "". */
  readonly system: string;
  /** `messaging.destination.name`, or "". */
  readonly destination: string;
}

/** What was seen on one edge. */
export interface EdgeStats {
  readonly key: EdgeKey;
  /** Weighted number of failed requests: either side's status is ERROR. */
  failed: number;
  /** The server's durations where there is a server span, else the client's. */
  readonly latency: Histogram;
  /** The client's durations, where there is a client span. */
  readonly client: Histogram;
  /** Messaging: consumer start less producer end, where above 0. */
  readonly queue: Histogram;
  /** Messaging: queue times that were 0 or less, hence clock skew. */
  skewedQueueTimes: number;
  readonly samples: Sample[];
}

/** What was seen of one operation (span name, kind, status) of a service. */
export interface OperationStats {
  readonly name: string;
  readonly kind: SpanKind;
  readonly status: StatusCode;
  readonly duration: Histogram;
  readonly samples: Sample[];
}

/** Requests as the service itself saw them. */
export interface RequestStats {
  failed: number;
  readonly duration: Histogram;
}

/** Why something is missing from the map; each is a weightless span count. */
export interface SpanCounters {
  /** Spans that counted. */
  spans: number;
  /** Spans that had been counted before. */
  duplicates: number;
  /** CLIENT and PRODUCER spans that found no other half and name no peer. */
  unpairedClients: number;
  /** SERVER and CONSUMER spans with a parent or link that never came. */
  unpairedServers: number;
  /** Spans that came after their minute was closed. */
  late: number;
  /** Spans that ended too long ago to count anywhere. */
  tooLate: number;
  /** Spans that ended in our future: the sender's clock is wrong. */
  skewed: number;
  /** Spans of traces with more spans than a trace may have. */
  oversizedTraces: number;
  /** Additions that went to the `__overflow__` edge. */
  overflowedEdges: number;
  /** Additions that went to the `__overflow__` operation. */
  overflowedOperations: number;
  /** Additions of an endpoint that is not listed. */
  droppedEndpoints: number;
}

/** The names of all counters, in the order in which they are stored. */
export const SPAN_COUNTERS = [
  "spans",
  "duplicates",
  "unpairedClients",
  "unpairedServers",
  "late",
  "tooLate",
  "skewed",
  "oversizedTraces",
  "overflowedEdges",
  "overflowedOperations",
  "droppedEndpoints",
] as const satisfies readonly (keyof SpanCounters)[];

/**
 * All that one service did in one window of time. Windows add up: a minute
 * and a correction to it, sixty minutes to an hour, two trace shards' halves.
 * The same type is the message from shard to service (where counts may be
 * negative), the stored bucket, and what an answer is made from.
 */
export interface ServiceWindow {
  /** By `edgeId`. */
  readonly edges: Map<string, EdgeStats>;
  /** By `operationId`. */
  readonly operations: Map<string, OperationStats>;
  /** SERVER and CONSUMER spans. */
  readonly entries: RequestStats;
  /** Spans without a parent that are neither: a page load, a cron job. */
  readonly roots: RequestStats;
  readonly counters: SpanCounters;
  /** Bits of `NodeTrait`: what the spans tell of the service's type. */
  traits: number;
  /** `METHOD route` of the HTTP requests it served. */
  readonly endpoints: Set<string>;
  /** When its first span ended, ms since the epoch; Infinity before. */
  firstSeenMs: number;
  /** When its last span ended, ms since the epoch; 0 before. */
  lastSeenMs: number;
}

/** An edge on which nothing happened. */
export function emptyEdge(key: EdgeKey): EdgeStats {
  return {
    key,
    failed: 0,
    latency: new Histogram(),
    client: new Histogram(),
    queue: new Histogram(),
    skewedQueueTimes: 0,
    samples: [],
  };
}

/** A window in which nothing happened. */
export function emptyWindow(): ServiceWindow {
  return {
    edges: new Map(),
    operations: new Map(),
    entries: { failed: 0, duration: new Histogram() },
    roots: { failed: 0, duration: new Histogram() },
    counters: {
      spans: 0,
      duplicates: 0,
      unpairedClients: 0,
      unpairedServers: 0,
      late: 0,
      tooLate: 0,
      skewed: 0,
      oversizedTraces: 0,
      overflowedEdges: 0,
      overflowedOperations: 0,
      droppedEndpoints: 0,
    },
    traits: 0,
    endpoints: new Set(),
    firstSeenMs: Infinity,
    lastSeenMs: 0,
  };
}
