import { BloomFilter, type TraceHash, traceHash } from "./bloom_filter.ts";
import { packTraces, type TraceEntry } from "./segment.ts";
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

  /**
   * Brings traces to memory, empty ones where they are unknown. Those of one
   * message together, since a read from disk brings some hundred traces.
   */
  bring(traceIds: Iterable<string>, nowMs: number): void {
    const missing = new Set<string>();
    for (const id of traceIds) if (!this.#hot.has(id)) missing.add(id);
    for (const { id, state } of this.#cold(missing)) {
      missing.delete(id);
      this.#heat(id, state, nowMs);
    }
    for (const id of missing) this.#heat(id, emptyTrace(), nowMs);
  }

  /** Those of the traces of which anything is in memory or on disk. */
  known(traceIds: Iterable<string>): ReadonlySet<string> {
    const known = new Set<string>();
    const missing: string[] = [];
    for (const id of traceIds) {
      if (this.#hot.has(id)) known.add(id);
      else missing.push(id);
    }
    for (const { id } of this.#cold(missing)) known.add(id);
    return known;
  }

  /** Those of the traces that are on disk, each as its newest segment has it. */
  *#cold(traceIds: Iterable<string>): Generator<TraceEntry> {
    const missing = new Map<string, TraceHash>();
    for (const id of traceIds) missing.set(id, traceHash(id));
    for (let at = this.#segments.length - 1; at >= 0; at--) {
      const segment = this.#segments[at];
      if (segment === undefined || missing.size === 0) return;
      const ids: string[] = [];
      for (const [id, hash] of missing) {
        if (segment.filter.mayHold(hash)) ids.push(id);
      }
      if (ids.length === 0) continue;
      for (const entry of this.#store.tracesAmong(segment.id, ids.sort())) {
        missing.delete(entry.id);
        yield entry;
      }
    }
  }

  /** A trace, brought to memory; an empty one where it is unknown. */
  trace(traceId: string, nowMs: number): TraceState {
    if (!this.#hot.has(traceId)) this.bring([traceId], nowMs);
    const hot = this.#hot.get(traceId);
    if (hot === undefined) throw new RangeError("A trace was not brought");
    hot.touchedMs = nowMs;
    return hot.state;
  }

  #heat(traceId: string, state: TraceState, nowMs: number): void {
    this.#spans += state.seen.size;
    this.#hot.set(traceId, {
      state,
      touchedMs: nowMs,
      changed: false,
      waiting: 0,
    });
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
