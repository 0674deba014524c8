import { BloomFilter, traceHash } from "./bloom_filter.ts";
import { packTraces } from "./segment.ts";
import { byTraceId, type SegmentHead, type ShardStore } from "./shard_store.ts";
import { emptyTrace, type TraceState } from "./trace_state.ts";

/** How long a trace is known after its last checkpoint, ms. */
export const TRACE_MEMORY_MS = 25 * 3_600_000;
/** Segments kept; the oldest go first. */
export const MAX_SEGMENTS = 600;
/** Bytes of filters kept in memory. */
export const MAX_FILTER_BYTES = 24 * 1024 * 1024;
/** Bytes of segments kept on disk. */
export const MAX_SEGMENT_BYTES = 4 * 1024 * 1024 * 1024;
/** A trace without news for this long leaves the memory at a checkpoint, ms. */
export const HOT_IDLE_MS = 30_000;

/** Spans of traces in memory from which on a checkpoint is due. */
export const MAX_HOT_SPANS = 50_000;

/** What a table keeps on disk. */
export interface TraceTableLimits {
  /** @default {MAX_SEGMENTS} */
  readonly segments?: number;
  /** Bytes. @default {MAX_FILTER_BYTES} */
  readonly filterBytes?: number;
  /** Bytes. @default {MAX_SEGMENT_BYTES} */
  readonly segmentBytes?: number;
}

interface HotTrace {
  readonly state: TraceState;
  touchedMs: number;
  changed: boolean;
  waiting: number;
}

/**
 * The traces of a shard: those with news in memory, the others in segments on
 * disk that are written at checkpoints and never changed. The newest segment
 * that holds a trace tells all of it, so a look-up goes from new to old and
 * skips, by their filters, the segments that cannot hold it.
 */
export class TraceTable {
  readonly #store: ShardStore;
  readonly #hot: Map<string, HotTrace> = new Map();
  readonly #segments: SegmentHead[];
  readonly #limits: Required<TraceTableLimits>;
  #spans = 0;

  constructor(store: ShardStore, limits: TraceTableLimits = {}) {
    this.#store = store;
    this.#limits = {
      segments: limits.segments ?? MAX_SEGMENTS,
      filterBytes: limits.filterBytes ?? MAX_FILTER_BYTES,
      segmentBytes: limits.segmentBytes ?? MAX_SEGMENT_BYTES,
    };
    this.#segments = store.segments();
  }

  /** Spans of the traces in memory. */
  get hotSpans(): number {
    return this.#spans;
  }

  /** Traces in memory. */
  get hotTraces(): number {
    return this.#hot.size;
  }

  /** Segments on disk, oldest first. */
  get segments(): readonly SegmentHead[] {
    return this.#segments;
  }

  /** A trace, brought to memory; an empty one where it is unknown. */
  trace(traceId: string, nowMs: number): TraceState {
    const known = this.#hot.get(traceId);
    if (known !== undefined) {
      known.touchedMs = nowMs;
      return known.state;
    }
    const state = this.#cold(traceId) ?? emptyTrace();
    this.#spans += state.seen.size;
    this.#hot.set(traceId, {
      state,
      touchedMs: nowMs,
      changed: false,
      waiting: 0,
    });
    return state;
  }

  /** Whether anything of a trace is in memory or on disk. */
  knows(traceId: string): boolean {
    return this.#hot.has(traceId) || this.#cold(traceId) !== null;
  }

  #cold(traceId: string): TraceState | null {
    const hash = traceHash(traceId);
    for (let at = this.#segments.length - 1; at >= 0; at--) {
      const segment = this.#segments[at];
      if (segment === undefined || !segment.filter.mayHold(hash)) continue;
      const entry = this.#store.traceOf(segment.id, traceId);
      if (entry !== null) return entry.state;
    }
    return null;
  }

  /** Notes that a trace in memory differs from its copy on disk. */
  changed(traceId: string, addedSpans: number): void {
    const hot = this.#hot.get(traceId);
    if (hot === undefined) return;
    hot.changed = true;
    this.#spans += addedSpans;
  }

  /** Notes that a half of a trace started (1) or ended (-1) to wait. */
  waits(traceId: string, change: 1 | -1): void {
    const hot = this.#hot.get(traceId);
    if (hot !== undefined) hot.waiting += change;
  }

  /**
   * Writes what changed into a new segment, forgets what is too old or too
   * much, and lets idle traces leave the memory. A trace with waiting halves
   * stays, and is in every new segment, so that the newest has all of them.
   */
  checkpoint(nowMs: number): void {
    const entries = [...this.#hot]
      .filter(([, hot]) => hot.changed || hot.waiting > 0)
      .map(([id, hot]) => ({ id, state: hot.state }))
      .sort(byTraceId);
    const chunks = packTraces(entries);
    const head: SegmentHead = {
      id: (this.#segments.at(-1)?.id ?? 0) + 1,
      createdMs: nowMs,
      bytes: chunks.reduce((sum, { body }) => sum + body.length, 0),
      filter: BloomFilter.of(entries.map(({ id }) => id)),
    };
    this.#store.insertSegment(head, chunks);
    this.#segments.push(head);
    this.#forget(nowMs);
    const crowded = this.#spans > MAX_HOT_SPANS / 2;
    for (const [id, hot] of this.#hot) {
      hot.changed = false;
      const idle = hot.touchedMs <= nowMs - HOT_IDLE_MS;
      if (hot.waiting > 0 || !(idle || crowded)) continue;
      this.#hot.delete(id);
      this.#spans -= hot.state.seen.size;
    }
  }

  #forget(nowMs: number): void {
    let bytes = 0;
    let filterBytes = 0;
    let kept = 0;
    const forgotten = this.#segments.toReversed().filter((segment) => {
      bytes += segment.bytes;
      filterBytes += segment.filter.bits.length;
      kept++;
      return segment.createdMs < nowMs - TRACE_MEMORY_MS ||
        kept > this.#limits.segments || bytes > this.#limits.segmentBytes ||
        filterBytes > this.#limits.filterBytes;
    });
    for (const segment of forgotten) this.#store.deleteSegment(segment.id);
    this.#segments.splice(0, forgotten.length);
  }
}
