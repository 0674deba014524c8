import { readSpanBlock, SpanBlockWriter } from "../trace_store/span_block.ts";
import type { LinkHalf, SpanFacts } from "./span_facts.ts";
import {
  type ReadMessage,
  TraceMessageWriter,
  withBlock,
} from "./trace_message.ts";

interface Part {
  readonly spans: SpanFacts[];
  readonly links: LinkHalf[];
  /** The spans as they were sent; null where the message brings none. */
  readonly block: SpanBlockWriter | null;
}

/**
 * Cuts a message by where its traces belong. What belongs to one place alone
 * stays the message that it was; order is kept.
 *
 * @param placeOf Asked once for each trace.
 */
export function cutMessage<Place>(
  whole: ReadMessage,
  placeOf: (traceId: string) => Place,
): ReadonlyMap<Place, ReadMessage> {
  const places = new Map<string, Place>();
  const parts = new Map<Place, Part>();
  const { block } = whole;
  function partOf(traceId: string): Part {
    if (!places.has(traceId)) places.set(traceId, placeOf(traceId));
    const place = places.get(traceId) as Place;
    const part = parts.get(place) ?? {
      spans: [],
      links: [],
      block: block === null ? null : new SpanBlockWriter(block.encoding),
    };
    parts.set(place, part);
    return part;
  }
  whole.message.spans.forEach((span, at) => {
    const part = partOf(span.traceId);
    part.spans.push(span);
    part.block?.add(block?.spans[at] ?? null);
  });
  for (const link of whole.message.links) {
    partOf(link.target.traceId).links.push(link);
  }
  return new Map(
    Array.from(parts, ([place, part]) => [
      place,
      parts.size === 1 ? whole : encoded(part),
    ]),
  );
}

function encoded({ spans, links, block: writer }: Part): ReadMessage {
  const facts = new TraceMessageWriter();
  for (const span of spans) facts.span(span);
  for (const link of links) facts.link(link);
  const message = { facts: facts.finish(), message: { spans, links } };
  const block = writer?.finish() ?? null;
  return block === null || block.length === 0
    ? { ...message, bytes: message.facts, block: null }
    : {
      ...message,
      bytes: withBlock(message.facts, block),
      block: readSpanBlock(block),
    };
}

/** The traces that a message tells of, each once. */
export function tracesOf({ message }: ReadMessage): readonly string[] {
  return [
    ...new Set([
      ...message.spans.map(({ traceId }) => traceId),
      ...message.links.map(({ target }) => target.traceId),
    ]),
  ];
}
