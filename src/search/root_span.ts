import type { Span } from "../spans/span.ts";

/**
 * The root of a trace: of the spans without a parent the one that started
 * first, by its id where two started at once.
 *
 * @returns null where none is without a parent: the root is not here yet.
 */
export function rootSpan(spans: readonly Span[]): Span | null {
  let root: Span | null = null;
  for (const span of spans) {
    if (span.parentSpanId !== "") continue;
    if (root === null || startsBefore(span, root)) root = span;
  }
  return root;
}

function startsBefore(span: Span, other: Span): boolean {
  return span.startNs === other.startNs
    ? span.spanId < other.spanId
    : span.startNs < other.startNs;
}
