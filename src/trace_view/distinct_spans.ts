import type { Span } from "../spans/span.ts";

/**
 * The spans of a trace, each once: of those with one id and one kind the first.
 *
 * Both halves of a call may share an id (Zipkin), so the kind belongs to what
 * tells one span from another.
 */
export function distinctSpans(spans: readonly Span[]): Span[] {
  const seen = new Set<string>();
  return spans.filter(({ spanId, kind }) => {
    const identity = `${spanId} ${kind}`;
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}
