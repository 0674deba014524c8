import { TraceMessageWriter } from "../../src/trace/trace_message.ts";
import type { GeneratedSpan } from "./brute_force_map.ts";

/** Spans with their links as the message that the Worker makes of them. */
export function messageOf(spans: readonly GeneratedSpan[]): Uint8Array {
  const writer = new TraceMessageWriter();
  for (const { span, links } of spans) {
    writer.span(span);
    for (const target of links) {
      const isParent = target.traceId === span.traceId &&
        target.spanId === span.parentId;
      if (!isParent) writer.link({ target, consumer: span });
    }
  }
  return writer.finish();
}
