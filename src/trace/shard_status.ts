import type { TraceStoreStatus } from "../trace_store/trace_store_status.ts";

/** How a trace shard is doing, since its object was last started. */
export interface TraceShardStatus extends ShardEngineStatus {
  readonly traces: TraceStoreStatus;
}

/** How the joining of a shard is doing, since its object was last started. */
export interface ShardEngineStatus {
  /** Spans that came, duplicates included. */
  readonly spans: number;
  readonly hotTraces: number;
  readonly hotSpans: number;
  /** Halves of calls that wait for their other half. */
  readonly waitingHalves: number;
  /** Halves that waited less long than they should, since too many waited. */
  readonly halvesExpiredEarly: number;
  readonly journalBytes: number;
  readonly segments: number;
  /** How far back traces are known, ms since the epoch; null: all in memory. */
  readonly oldestSegmentMs: number | null;
  /** Bytes that services have not confirmed. */
  readonly undeliveredBytes: number;
  /** When the oldest of them was written, ms since the epoch, or null. */
  readonly oldestUndeliveredMs: number | null;
}
