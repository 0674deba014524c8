import { expect, test } from "vitest";
import type { ServiceFinding } from "../../src/correlation/drift_finding.ts";
import {
  impactTraces,
  MAX_READ_TRACES,
  MAX_REPORT_TRACES,
  readTraceIds,
} from "../../src/correlation_report/impact_traces.ts";
import {
  MAX_ERROR_LENGTH,
  sampleTrace,
} from "../../src/correlation_report/sample_trace.ts";
import { virtualNode } from "../../src/map/node_identity.ts";
import { type EdgeStats, emptyEdge } from "../../src/map/service_window.ts";
import type { Trace } from "../../src/trace_view/trace_answer.ts";

function edgeTo(service: string, traces: number): [string, EdgeStats] {
  const edge = emptyEdge({
    from: virtualNode("user"),
    to: virtualNode(service),
    connectionType: "",
    system: "",
    destination: "",
  });
  for (let at = 0; at < traces; at++) {
    edge.samples.push({
      traceId: `${service}-${at}`,
      durationNs: 100 - at,
      failed: at === traces - 1,
      endMs: 0,
    });
  }
  return [service, edge];
}

function finding(service: string): ServiceFinding {
  return {
    service,
    role: "impact",
    confidence: 1,
    distance: 0,
    path: [],
    effects: [],
  };
}

test("impactTraces() are MAX_REPORT_TRACES at the most, the failed one first", () => {
  function of(traces: number): string[] {
    return impactTraces(finding("cart"), {
      edges: new Map([edgeTo("cart", traces), edgeTo("mail", 3)]),
    });
  }
  expect(of(MAX_REPORT_TRACES)).toEqual([
    "cart-4",
    "cart-0",
    "cart-1",
    "cart-2",
    "cart-3",
  ]);
  expect(of(MAX_REPORT_TRACES + 1).length).toBe(MAX_REPORT_TRACES);
});

test("readTraceIds() are MAX_READ_TRACES at the most", () => {
  const names = Array.from(
    { length: MAX_READ_TRACES / MAX_REPORT_TRACES + 1 },
    (_, at) => `s${at}`,
  );
  const edges = new Map(names.map((name) => edgeTo(name, MAX_REPORT_TRACES)));
  function read(services: number): number {
    return readTraceIds(names.slice(0, services).map(finding), { edges })
      .length;
  }
  expect(read(names.length - 1)).toBe(MAX_READ_TRACES);
  expect(read(names.length)).toBe(MAX_READ_TRACES);
  expect(read(1)).toBe(MAX_REPORT_TRACES);
});

test("sampleTrace() tells of the failed span that ended first, within MAX_ERROR_LENGTH", () => {
  function trace(message: string): Trace {
    const failed = { status_code: "error", events: [], attributes: {} };
    const spans = [
      { ...failed, end_time: "2026-01-01T00:00:02Z", status_message: "outer" },
      { ...failed, end_time: "2026-01-01T00:00:01Z", status_message: message },
    ];
    const known: Partial<Record<keyof Trace, unknown>> = {
      trace_id: "a",
      duration: 5,
      spans,
    };
    return known as Trace;
  }
  expect(sampleTrace(trace("timeout")))
    .toEqual({ trace_id: "a", duration: 5, error: "timeout" });
  const most = "x".repeat(MAX_ERROR_LENGTH);
  expect(sampleTrace(trace(most)).error).toBe(most);
  expect(sampleTrace(trace(`${most}y`)).error).toBe(most);
});
