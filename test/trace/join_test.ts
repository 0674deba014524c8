import * as fc from "fast-check";
import { expect, test } from "vitest";
import { nodeId } from "../../src/map/node_identity.ts";
import { DeltaBook } from "../../src/trace/delta_book.ts";
import {
  admitLink,
  admitSpan,
  expireHalf,
  LATE_AFTER_MS,
  MAX_AHEAD_MS,
  MAX_LATE_MS,
  MAX_SPANS_PER_TRACE,
} from "../../src/trace/join.ts";
import type { SpanFacts } from "../../src/trace/span_facts.ts";
import {
  emptyTrace,
  type Half,
  type TraceState,
} from "../../src/trace/trace_state.ts";
import { bruteForceMap, type GeneratedSpan } from "./brute_force_map.ts";
import { ObservedMap } from "./observed_map.ts";
import { plainSpan } from "./plain_span.ts";
import { smallId, spansArbitrary } from "./span_arbitrary.ts";

const NOW_MS = 1_700_000_000_000;

class Trial {
  readonly book = new DeltaBook();
  readonly traces: Map<string, TraceState> = new Map();
  readonly waiting: Half[] = [];

  trace(id: string): TraceState {
    const known = this.traces.get(id) ?? emptyTrace();
    this.traces.set(id, known);
    return known;
  }

  admit({ span, links }: GeneratedSpan, arrivedMs = NOW_MS): void {
    const context = {
      book: this.book,
      wait: (half: Half) => this.waiting.push(half),
    };
    admitSpan(context, this.trace(span.traceId), { span, arrivedMs });
    for (const target of links) {
      const isParent = target.traceId === span.traceId &&
        target.spanId === span.parentId;
      if (isParent) continue;
      const link = { target, consumer: span };
      admitLink(context, this.trace(target.traceId), { link, arrivedMs });
    }
  }

  expire(): void {
    for (const half of this.waiting.splice(0)) expireHalf(this.book, half);
  }

  observed(): ObservedMap {
    const observed = new ObservedMap();
    for (const { service, minutes } of this.book.drain()) {
      for (const window of minutes.values()) {
        observed.add(nodeId(service), window);
      }
    }
    return observed;
  }
}

test("admitSpan() finds the same map in any order, with waits that end at any moment", () => {
  fc.assert(
    fc.property(
      spansArbitrary(NOW_MS),
      fc.array(fc.nat()),
      (spans, waits) => {
        const trial = new Trial();
        const ends = new Set(waits.map((at) => at % (spans.length + 1)));
        spans.forEach((span, at) => {
          if (ends.has(at)) trial.expire();
          trial.admit(span);
        });
        trial.expire();
        expect(trial.observed().map()).toEqual(bruteForceMap(spans));
      },
    ),
    { numRuns: 1000 },
  );
});

test("admitSpan() counts a span once, however often and whenever it comes", () => {
  fc.assert(fc.property(
    spansArbitrary(NOW_MS).chain((spans) =>
      fc.tuple(
        fc.constant(spans),
        fc.shuffledSubarray([...spans, ...spans, ...spans], {
          minLength: 3 * spans.length,
        }),
      )
    ),
    ([spans, thrice]) => {
      const trial = new Trial();
      for (const span of thrice) trial.admit(span);
      trial.expire();
      for (const span of thrice) trial.admit(span);
      trial.expire();
      const observed = trial.observed();
      expect(observed.map()).toEqual(bruteForceMap(spans));
      expect(observed.duplicates()).toBe(5 * spans.length);
    },
  ));
});

function spanAt(id: number, change: Partial<SpanFacts>): GeneratedSpan {
  const spanId = smallId(7, 1) + String.fromCharCode(id % 256);
  return { span: plainSpan(NOW_MS, { spanId, ...change }), links: [] };
}

test("admitSpan() takes a trace's spans up to the limit and counts those beyond", () => {
  const trial = new Trial();
  for (let at = 0; at <= MAX_SPANS_PER_TRACE; at++) {
    const spanId = at.toString().padStart(8, "0");
    trial.admit(spanAt(1, { spanId }));
  }
  const [delta] = trial.book.drain();
  const [window] = delta?.minutes.values() ?? [];
  expect(window?.counters.spans).toBe(MAX_SPANS_PER_TRACE);
  expect(window?.counters.oversizedTraces).toBe(1);
});

test("admitSpan() counts a span from our future in the minute it came", () => {
  const trial = new Trial();
  trial.admit(spanAt(1, { durationNs: MAX_AHEAD_MS * 1e6 }));
  trial.admit(spanAt(2, { durationNs: (MAX_AHEAD_MS + 1) * 1e6 }));
  const [delta] = trial.book.drain();
  const minuteS = Math.floor(NOW_MS / 60_000) * 60;
  expect(delta?.minutes.get(minuteS + 60)?.counters)
    .toMatchObject({ spans: 1, skewed: 0 });
  expect(delta?.minutes.get(minuteS)?.counters)
    .toMatchObject({ spans: 1, skewed: 1 });
});

test("admitSpan() counts a span as late that comes LATE_AFTER_MS after its minute", () => {
  const trial = new Trial();
  const minuteEndMs = (Math.floor(NOW_MS / 60_000) + 1) * 60_000;
  trial.admit(spanAt(1, {}), minuteEndMs + LATE_AFTER_MS);
  trial.admit(spanAt(2, {}), minuteEndMs + LATE_AFTER_MS + 1);
  const [delta] = trial.book.drain();
  expect(delta?.minutes.get(minuteEndMs / 1000 - 60)?.counters)
    .toMatchObject({ spans: 2, late: 1 });
});

test("admitSpan() leaves a span out that ended more than a day ago", () => {
  const trial = new Trial();
  trial.admit(spanAt(1, {}), NOW_MS + MAX_LATE_MS);
  trial.admit(spanAt(2, {}), NOW_MS + MAX_LATE_MS + 1);
  const observed = trial.book.drain()[0]?.minutes;
  const counters = [...observed?.values() ?? []].map((one) => one.counters);
  expect(counters.reduce((sum, { spans }) => sum + spans, 0)).toBe(1);
  expect(counters.reduce((sum, { tooLate }) => sum + tooLate, 0)).toBe(1);
  expect(counters.reduce((sum, { late }) => sum + late, 0)).toBe(1);
});
