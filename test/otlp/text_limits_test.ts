import fc from "fast-check";
import { expect, test } from "vitest";
import {
  cutText,
  keptTraceState,
  MAX_TRACE_STATE_CHARS,
} from "../../src/otlp/text_limits.ts";

test("cutText() keeps as many whole characters as there is room for", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.integer({ min: 1, max: 20 }),
      (text, maxChars) => {
        const kept = cutText(text, maxChars);
        expect(text.startsWith(kept)).toBe(true);
        expect(kept.length).toBeLessThanOrEqual(maxChars);
        expect(kept.isWellFormed()).toBe(true);
        const [next] = text.slice(kept.length);
        if (next !== undefined) {
          expect(kept.length + next.length).toBeGreaterThan(maxChars);
        }
      },
    ),
  );
});

test("keptTraceState() drops what is past MAX_TRACE_STATE_CHARS", () => {
  const longest = "a".repeat(MAX_TRACE_STATE_CHARS);
  expect(keptTraceState(longest)).toBe(longest);
  expect(keptTraceState(`${longest}a`)).toBe("");
});
