import type { ResourceIdsOf } from "../trace_index/piece_resources.ts";
import type { ReadMessage } from "../trace/trace_message.ts";
import { type KeptSpan, spanKey } from "../spans/kept_span.ts";
import {
  type AttributeIndex,
  NO_ATTRIBUTE_INDEX,
} from "../trace_index/attribute_index.ts";
import { noAttributes, withHashes } from "../trace_index/indexed_attributes.ts";
import {
  addSpan,
  emptySummary,
  type TraceSummary,
} from "../trace_index/summary.ts";
import type { SpanFacts } from "../trace/span_facts.ts";

/** A trace with spans that are in no batch yet. */
export interface FreshTrace {
  /** Of these spans, and of no others. */
  readonly summary: TraceSummary;
  /** Of these spans (`spanKey`). */
  readonly keys: Set<string>;
  /** Fresh rows that hold them. */
  readonly rows: Set<number>;
}

/** A span with what the index needs of it. */
export interface FreshSpan {
  readonly facts: SpanFacts;
  readonly kept: KeptSpan;
}

/** What the summaries of traces tell beyond what their spans' facts do. */
export interface SummarizedParts {
  readonly resourceIds: ResourceIdsOf;
  /** @default {NO_ATTRIBUTE_INDEX} */
  readonly attributes?: AttributeIndex;
}

/**
 * The traces of fresh rows, in memory: what a search and a look-up need to
 * know without reading the rows.
 */
export class FreshTraces {
  readonly #resourceIds: ResourceIdsOf;
  readonly #attributes: AttributeIndex;
  readonly #traces: Map<string, FreshTrace> = new Map();
  #bytes = 0;
  #spans = 0;
  #sinceMs: number | null = null;

  constructor(
    { resourceIds, attributes = NO_ATTRIBUTE_INDEX }: SummarizedParts,
  ) {
    this.#resourceIds = resourceIds;
    this.#attributes = attributes;
  }

  /** Of the rows. */
  get bytes(): number {
    return this.#bytes;
  }

  get spans(): number {
    return this.#spans;
  }

  /** When the oldest row came, ms since the epoch; null without any. */
  get sinceMs(): number | null {
    return this.#sinceMs;
  }

  get size(): number {
    return this.#traces.size;
  }

  get(traceId: string): FreshTrace | undefined {
    return this.#traces.get(traceId);
  }

  ids(): Iterable<string> {
    return this.#traces.keys();
  }

  entries(): Iterable<[string, FreshTrace]> {
    return this.#traces;
  }

  /** Notes a row. */
  addRow(row: { readonly arrivedMs: number; readonly bytes: number }): void {
    this.#bytes += row.bytes;
    this.#sinceMs ??= row.arrivedMs;
  }

  /** Forgets traces, which are in a batch now. */
  forget(traceIds: Iterable<string>): void {
    for (const id of traceIds) {
      this.#spans -= this.#traces.get(id)?.keys.size ?? 0;
      this.#traces.delete(id);
    }
  }

  /** Adds the spans of a message that is in a row; once each. */
  addMessage(rowId: number, message: ReadMessage): void {
    for (const { facts, kept } of freshSpans(message)) {
      const { traceId } = facts;
      const trace = this.#traces.get(traceId) ?? {
        summary: {
          ...emptySummary(traceId),
          attributes: noAttributes(this.#attributes.keys),
        },
        keys: new Set(),
        rows: new Set(),
      };
      this.#traces.set(traceId, trace);
      if (trace.keys.has(kept.key)) continue;
      trace.keys.add(kept.key);
      trace.rows.add(rowId);
      this.#spans++;
      const { summary } = trace;
      addSpan(summary, facts, this.#resourceIds(kept));
      summary.attributes = withHashes(
        summary.attributes,
        this.#attributes.hashesOf(kept),
      );
    }
  }
}

/** The spans of a message that are to be kept. */
export function* freshSpans(message: ReadMessage): Generator<FreshSpan> {
  if (message.block === null) return;
  const { encoding, spans } = message.block;
  for (const [at, facts] of message.message.spans.entries()) {
    const span = spans[at];
    if (span === undefined || span === null) continue;
    yield { facts, kept: { key: spanKey(facts), encoding, ...span } };
  }
}
