import type { LinkHalf, SpanFacts } from "./span_facts.ts";
import { type ReadMessage, TraceMessageWriter } from "./trace_message.ts";

interface Part {
  readonly spans: SpanFacts[];
  readonly links: LinkHalf[];
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
  function partOf(traceId: string): Part {
    if (!places.has(traceId)) places.set(traceId, placeOf(traceId));
    const place = places.get(traceId) as Place;
    const part = parts.get(place) ?? { spans: [], links: [] };
    parts.set(place, part);
    return part;
  }
  for (const span of whole.message.spans) partOf(span.traceId).spans.push(span);
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

function encoded(part: Part): ReadMessage {
  const writer = new TraceMessageWriter();
  for (const span of part.spans) writer.span(span);
  for (const link of part.links) writer.link(link);
  return { bytes: writer.finish(), message: part };
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
