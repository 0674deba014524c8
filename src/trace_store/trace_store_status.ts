/** How a shard's store of traces is doing. */
export interface TraceStoreStatus {
  /** Spans that are in no batch yet. */
  readonly freshSpans: number;
  readonly freshBytes: number;
  /** Traces in batches; one that moved counts where it was and where it is. */
  readonly keptTraces: number;
  /** On disk, deflated. */
  readonly keptBytes: number;
  readonly batches: number;
  /** When the oldest batch was written, ms since the epoch; null without any. */
  readonly oldestBatchMs: number | null;
  /** Spans that came too late to join their trace, since the shard started. */
  readonly lateSpans: number;
  /** Spans beyond what is kept of one trace, since the shard started. */
  readonly longSpans: number;
  /** Spans for which there was no room, since the shard started. */
  readonly crowdedSpans: number;
  /** Traces that were left out by tail sampling, since the shard started. */
  readonly sampledOut: number;
}
