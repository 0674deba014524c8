import * as fc from "fast-check";
import type { Histogram } from "../../src/map/histogram.ts";
import { virtualNode } from "../../src/map/node_identity.ts";
import {
  emptyWindow,
  type ServiceWindow,
} from "../../src/map/service_window.ts";
import {
  addEndpoint,
  edgeOf,
  operationOf,
} from "../../src/map/window_entries.ts";
import { SpanKind, StatusCode } from "../../src/map/span_kind.ts";

/** One thing that a span did to a minute of the service. */
export interface DeltaEvent {
  /** Start of the minute, s since the epoch. */
  readonly minuteS: number;
  readonly name: string;
  readonly durationNs: number;
  /** Negative: takes back. */
  readonly weight: number;
  readonly failed: boolean;
  readonly traceId: string;
}

/** Events in some of these minutes. */
export function eventsIn(
  minutes: readonly number[],
): fc.Arbitrary<readonly DeltaEvent[]> {
  return fc.array(
    fc.record({
      minuteS: fc.constantFrom(...minutes),
      name: fc.constantFrom("cart", "stock", "mail", "pay"),
      durationNs: fc.integer({ min: 0, max: 1e10 }),
      weight: fc.constantFrom(1, 1, 1, 2, 16, -1, -3),
      failed: fc.boolean(),
      traceId: fc.uuid().map((id) => id.replaceAll("-", "")),
    }),
    { minLength: 1, maxLength: 12 },
  );
}

/** Does to a window what the event did to its minute. */
export function record(window: ServiceWindow, event: DeltaEvent): void {
  const { name, durationNs, weight, failed, traceId } = event;
  const edge = edgeOf(window, {
    from: virtualNode("web"),
    to: virtualNode(name),
    connectionType: "",
    system: "",
    destination: "",
  });
  const operation = operationOf(window, {
    name: `GET /${name}`,
    kind: SpanKind.SERVER,
    status: failed ? StatusCode.ERROR : StatusCode.UNSET,
  });
  edge.latency.record(durationNs, weight);
  operation.duration.record(durationNs, weight);
  window.entries.duration.record(durationNs, weight);
  if (failed) {
    edge.failed += weight;
    window.entries.failed += weight;
  }
  if (weight < 0) return;
  const endMs = event.minuteS * 1000;
  const sample = { traceId, durationNs, failed, endMs };
  if (edge.samples.length === 0) edge.samples.push(sample);
  window.counters.spans++;
  window.traits |= 32;
  addEndpoint(window, `GET /${name}`);
  window.firstSeenMs = Math.min(window.firstSeenMs, endMs);
  window.lastSeenMs = Math.max(window.lastSeenMs, endMs);
}

/** What the events do to each window of a length: the brute force. */
export function windowsOf(
  events: readonly DeltaEvent[],
  resolutionS: number,
): Map<number, ServiceWindow> {
  const windows = new Map<number, ServiceWindow>();
  for (const event of events) {
    const startS = event.minuteS - event.minuteS % resolutionS;
    const window = windows.get(startS) ?? emptyWindow();
    windows.set(startS, window);
    record(window, event);
  }
  return windows;
}

/**
 * All that is counted, in one order. Which of many traces are the samples is
 * not: it depends on how the events were put together.
 */
export function figures(window: ServiceWindow): unknown {
  return {
    edges: sortedEntries(window.edges, (edge) => ({
      failed: edge.failed,
      latency: histogramFigures(edge.latency),
      sampled: edge.samples.length > 0,
    })),
    operations: sortedEntries(
      window.operations,
      (operation) => histogramFigures(operation.duration),
    ),
    entries: {
      failed: window.entries.failed,
      duration: histogramFigures(window.entries.duration),
    },
    counters: window.counters,
    traits: window.traits,
    endpoints: [...window.endpoints].sort(),
    seen: [window.firstSeenMs, window.lastSeenMs],
  };
}

function histogramFigures(histogram: Histogram): unknown {
  const { count, sumNs, minNs, maxNs, zeroCount, buckets } = histogram;
  return {
    count,
    sumNs,
    minNs,
    maxNs,
    zeroCount,
    buckets: [...buckets].sort(([a], [b]) => a - b),
  };
}

function sortedEntries<Value>(
  map: ReadonlyMap<string, Value>,
  show: (value: Value) => unknown,
): unknown[] {
  return [...map].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([key, value]) => [key, show(value)]);
}
