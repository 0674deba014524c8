import { NO_ATTRIBUTE_INDEX } from "../trace_index/attribute_index.ts";
import type {
  FreshSpan,
  FreshTraces,
  SummarizedParts,
} from "./fresh_traces.ts";
import {
  joinedAttributes,
  UNINDEXED,
} from "../trace_index/indexed_attributes.ts";
import { attributesOf } from "../trace_index/indexed_spans.ts";
import { joinedTrace } from "./joined_trace.ts";
import type { FoundTraces } from "./kept_batches.ts";
import type { KeptTrace } from "./kept_trace.ts";

/** Traces that got late spans. */
export interface MovedTraces {
  readonly ids: ReadonlySet<string>;
  /** By the batch that they came from. */
  readonly from: ReadonlyMap<number, ReadonlySet<string>>;
}

/** Traces, ready to be put in a batch. */
export interface WholeTraces {
  readonly traces: readonly KeptTrace[];
  readonly moved: MovedTraces;
  /** Spans beyond what is kept of one trace. */
  readonly longSpans: number;
}

/**
 * Traces with their fresh spans and those that older batches hold; without
 * those to which no span is new: they stay where they are.
 *
 * @param spans By trace.
 * @param found The same traces in batches.
 */
export function wholeTraces(
  spans: ReadonlyMap<string, readonly FreshSpan[]>,
  { found, leaving, parts }: {
    readonly found: FoundTraces["found"];
    readonly leaving: FreshTraces;
    readonly parts: SummarizedParts;
  },
): WholeTraces {
  const { resourceIds, attributes = NO_ATTRIBUTE_INDEX } = parts;
  const traces: KeptTrace[] = [];
  const ids = new Set<string>();
  const from = new Map<number, Set<string>>();
  let longSpans = 0;
  for (const [id, fresh] of spans) {
    const before = found.get(id);
    const older = before?.trace ?? null;
    const joined = joinedTrace(id, { older, fresh, resourceIds });
    longSpans += joined.longSpans;
    const { trace } = joined;
    if (trace.spans.length === older?.spans.length) continue;
    // Those of the fresh spans are known since they came.
    const known = leaving.get(id)?.summary.attributes ?? UNINDEXED;
    trace.summary.attributes = older === null
      ? known
      : joinedAttributes(known, attributesOf(older.spans, attributes));
    traces.push(trace);
    if (before === undefined) continue;
    from.set(before.batch, (from.get(before.batch) ?? new Set()).add(id));
    ids.add(id);
  }
  return { traces, moved: { ids, from }, longSpans };
}
