import * as fc from "fast-check";
import { expect, test } from "vitest";
import { nodeId, nodeOfId, virtualNode } from "../../src/map/node_identity.ts";
import {
  type ConnectionType,
  emptyWindow,
  type ServiceWindow,
} from "../../src/map/service_window.ts";
import {
  addEndpoint,
  edgeOf,
  MAX_EDGES_PER_SERVICE,
  MAX_ENDPOINTS_PER_SERVICE,
  MAX_OPERATIONS_PER_SERVICE,
  operationOf,
  OVERFLOW_NAME,
} from "../../src/map/window_entries.ts";
import { ByteReader } from "../../src/codec/byte_reader.ts";
import { ByteWriter } from "../../src/codec/byte_writer.ts";
import { Histogram } from "../../src/map/histogram.ts";
import { mergeWindow } from "../../src/map/merge_window.ts";
import { scanHistogram } from "../../src/map/scan_histogram.ts";
import { scanWindow } from "../../src/map/scan_window.ts";
import {
  decodeWindow,
  encodeWindow,
} from "../../src/map/service_window_codec.ts";
import { keepSample, type Sample } from "../../src/map/sample.ts";
import type { SpanKind, StatusCode } from "../../src/map/span_kind.ts";

const window: fc.Arbitrary<ServiceWindow> = fc.array(
  fc.record({
    to: fc.constantFrom("cart", "api.example.com", "ünïcode/@\n"),
    type: fc.constantFrom<ConnectionType>(
      "",
      "database",
      "virtual_node",
      "messaging_system",
    ),
    operation: fc.constantFrom("GET /", "POST /", ""),
    kind: fc.integer({ min: 0, max: 5 }),
    status: fc.integer({ min: 0, max: 2 }),
    durationNs: fc.nat(),
    traceId: fc.constantFrom("aa", "bb", "cc", "dd", "ee", "ff"),
    seenMs: fc.nat(),
  }),
  { maxLength: 20 },
).map((drawn) => {
  const made = emptyWindow();
  for (const one of drawn) {
    const failed = one.status === 2;
    const sample = {
      traceId: one.traceId,
      durationNs: one.durationNs,
      failed,
      endMs: one.seenMs,
    };
    const edge = edgeOf(made, {
      from: { namespace: "shop", name: "web", environment: "prod" },
      to: virtualNode(one.to),
      connectionType: one.type,
      system: "kafka",
      destination: "",
    });
    edge.latency.record(one.durationNs, 1);
    edge.client.record(one.durationNs, 1);
    if (failed) edge.failed++;
    keepSample(edge.samples, sample);
    const operation = operationOf(made, {
      name: one.operation,
      kind: one.kind as SpanKind,
      status: one.status as StatusCode,
    });
    operation.duration.record(one.durationNs, 1);
    keepSample(operation.samples, sample);
    made.counters.spans++;
    made.traits |= 1 << one.kind;
    made.endpoints.add(one.operation);
    made.entries.duration.record(one.durationNs, 1);
    made.firstSeenMs = Math.min(made.firstSeenMs, one.seenMs);
    made.lastSeenMs = Math.max(made.lastSeenMs, one.seenMs);
  }
  return made;
});

test("decodeWindow() reads what encodeWindow() wrote", () => {
  fc.assert(fc.property(window, (made) => {
    expect(decodeWindow(encodeWindow(made))).toEqual(made);
    const summary = decodeWindow({ summary: encodeWindow(made).summary });
    expect(summary).toEqual({ ...made, operations: new Map() });
  }));
});

test("decodeWindow() leaves out the edges that are not wanted, and nothing else", () => {
  fc.assert(fc.property(window, (made) => {
    const encoded = encodeWindow(made);
    const wanted = decodeWindow(
      encoded,
      (_from, to) => nodeOfId(to).name === "cart",
    );
    const edges = [...made.edges].filter(([, { key }]) =>
      key.to.name === "cart"
    );
    expect(wanted).toEqual({ ...made, edges: new Map(edges) });
    expect(decodeWindow(encoded, () => false))
      .toEqual({ ...made, edges: new Map() });
  }));
});

function figuresOf(histogram: Histogram) {
  const [p50, p95, p99] = histogram.quantiles(0.5, 0.95, 0.99);
  const { count, sumNs } = histogram;
  return { count, sumNs, p50, p95, p99 };
}

test("scanWindow() tells of what encodeWindow() wrote what the window itself tells", () => {
  fc.assert(fc.property(window, (made) => {
    const { entries, roots, edges } = scanWindow(encodeWindow(made).summary);
    for (
      const [scan, { failed, duration }] of [
        [entries, made.entries],
        [roots, made.roots],
      ] as const
    ) {
      expect(scan).toEqual({ failed, duration: figuresOf(duration) });
    }
    expect(edges).toEqual(
      Array.from(made.edges, ([id, { key, failed, latency, client }]) => ({
        id,
        from: nodeId(key.from),
        to: nodeId(key.to),
        connectionType: key.connectionType,
        failed,
        latency: figuresOf(latency),
        client: figuresOf(client),
      })),
    );
  }));
});

test("scanHistogram() gives the quantiles of any histogram, corrections included", () => {
  const recorded = fc.array(
    fc.tuple(
      fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1e11 })),
      fc.oneof(fc.integer({ min: -3, max: 50 }), fc.constantFrom(0.1, 2.5)),
    ),
    { maxLength: 30 },
  );
  fc.assert(fc.property(recorded, (values) => {
    const histogram = new Histogram();
    for (const [ns, weight] of values) histogram.record(ns, weight);
    const writer = new ByteWriter();
    histogram.write(writer);
    const reader = new ByteReader(writer.finish());
    expect(scanHistogram(reader)).toEqual(figuresOf(histogram));
    expect(reader.done).toBe(true);
  }));
});

test("mergeWindow() gives the same in any order and grouping", () => {
  fc.assert(fc.property(window, window, window, (a, b, c) => {
    const left = emptyWindow();
    for (const one of [a, b, c]) mergeWindow(left, one);
    const inner = emptyWindow();
    for (const one of [c, b]) mergeWindow(inner, one);
    const right = emptyWindow();
    for (const one of [inner, a]) mergeWindow(right, one);
    expect(sortedSamples(right)).toEqual(sortedSamples(left));
  }));
});

function sortedSamples(made: ServiceWindow): ServiceWindow {
  for (const one of [...made.edges.values(), ...made.operations.values()]) {
    one.samples.sort(bySample);
  }
  return made;
}

function edgeTo(made: ServiceWindow, name: string) {
  return edgeOf(made, {
    from: virtualNode("web"),
    to: virtualNode(name),
    connectionType: "",
    system: "",
    destination: "",
  });
}

test("edgeId() tells edges apart whose broker and topic have line breaks", () => {
  const made = emptyWindow();
  const between = { from: virtualNode("web"), to: virtualNode("cart") };
  for (
    const [system, destination] of [["a\nb", "c"], ["a", "b\nc"]] as const
  ) {
    const connectionType = "messaging_system";
    edgeOf(made, { ...between, connectionType, system, destination });
  }
  expect(made.edges.size).toBe(2);
});

test("edgeOf() gives MAX_EDGES_PER_SERVICE edges, then the overflow edge", () => {
  const made = emptyWindow();
  for (let at = 0; at < MAX_EDGES_PER_SERVICE; at++) edgeTo(made, `to ${at}`);
  expect(made.counters.overflowedEdges).toBe(0);
  const beyond = edgeTo(made, "one more");
  expect(beyond.key.to.name).toBe(OVERFLOW_NAME);
  expect(edgeTo(made, "another")).toBe(beyond);
  expect(edgeTo(made, "to 0").key.to.name).toBe("to 0");
  expect(made.counters.overflowedEdges).toBe(2);
  expect(made.edges.size).toBe(MAX_EDGES_PER_SERVICE + 1);
});

test("operationOf() gives MAX_OPERATIONS_PER_SERVICE operations, then the overflow", () => {
  const made = emptyWindow();
  const operation = (name: string) =>
    operationOf(made, { name, kind: 2, status: 0 });
  for (let at = 0; at < MAX_OPERATIONS_PER_SERVICE; at++) operation(`${at}`);
  expect(made.counters.overflowedOperations).toBe(0);
  expect(operation("one more").name).toBe(OVERFLOW_NAME);
  expect(operation("0").name).toBe("0");
  expect(made.counters.overflowedOperations).toBe(1);
  expect(made.operations.size).toBe(MAX_OPERATIONS_PER_SERVICE + 1);
});

test("addEndpoint() keeps MAX_ENDPOINTS_PER_SERVICE endpoints", () => {
  const made = emptyWindow();
  for (let at = 0; at <= MAX_ENDPOINTS_PER_SERVICE; at++) {
    expect(made.counters.droppedEndpoints).toBe(0);
    addEndpoint(made, `GET /${at}`);
  }
  expect(made.counters.droppedEndpoints).toBe(1);
  addEndpoint(made, "GET /0");
  expect(made.counters.droppedEndpoints).toBe(1);
  expect(made.endpoints.size).toBe(MAX_ENDPOINTS_PER_SERVICE);
});

function bySample(a: Sample, b: Sample): number {
  if (a.failed !== b.failed) return a.failed ? -1 : 1;
  return a.traceId < b.traceId ? -1 : 1;
}

test("keepSample() keeps the same samples in any order", () => {
  const samples = fc.array(fc.record({
    traceId: fc.string({ minLength: 1, maxLength: 1, unit: "binary-ascii" }),
    durationNs: fc.nat(20),
    failed: fc.boolean(),
    endMs: fc.nat(3),
  }));
  fc.assert(
    fc.property(
      samples.chain((all) =>
        fc.tuple(
          fc.constant(all),
          fc.shuffledSubarray(all, { minLength: all.length }),
        )
      ),
      ([all, shuffled]) => {
        const [first, second]: [Sample[], Sample[]] = [[], []];
        for (const sample of all) keepSample(first, sample);
        for (const sample of shuffled) keepSample(second, sample);
        expect(second.toSorted(bySample)).toEqual(first.toSorted(bySample));
      },
    ),
    { numRuns: 2000 },
  );
});

test("nodeOfId() undoes nodeId(), and no two nodes share an id", () => {
  const part = fc.oneof(fc.string(), fc.constantFrom("a/b", "a@b", "%2F", "/"));
  const node = fc.record({
    namespace: part,
    name: part,
    environment: part,
  });
  fc.assert(fc.property(node, (one) => {
    expect(nodeOfId(nodeId(one))).toEqual(one);
    expect(nodeId(one)).toMatch(/^[\x21-\x7e]*$/);
  }));
});
