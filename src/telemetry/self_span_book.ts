import { count } from "./counters.ts";
import type { SelfSpan } from "./self_span.ts";

/** Own spans that one flush sends; what is beyond is dropped, and counted. */
export const MAX_SELF_SPANS = 1000;

/** TraceCore's own spans since they were last taken. */
export class SelfSpanBook {
  #spans: SelfSpan[] = [];

  /** Adds the spans of one request: all, or none where they do not fit. */
  add(spans: readonly SelfSpan[]): void {
    if (this.#spans.length + spans.length > MAX_SELF_SPANS) {
      const amount = spans.length;
      count("", "dropped_self_spans", { amount, reason: "limit" });
      return;
    }
    this.#spans.push(...spans);
  }

  /** Takes everything out of the book. */
  drain(): readonly SelfSpan[] {
    const spans = this.#spans;
    this.#spans = [];
    return spans;
  }
}

/** The book of this isolate. */
export const selfSpanBook: SelfSpanBook = new SelfSpanBook();
