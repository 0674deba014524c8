import { ByteReader } from "../codec/byte_reader.ts";
import { ByteWriter } from "../codec/byte_writer.ts";
import { Histogram } from "./histogram.ts";
import { nodeId, nodeOfId } from "./node_identity.ts";
import { readSamples, skipSamples, writeSamples } from "./sample.ts";
import {
  type ConnectionType,
  type EdgeStats,
  emptyWindow,
  type OperationStats,
  type RequestStats,
  type ServiceWindow,
  SPAN_COUNTERS,
} from "./service_window.ts";
import { edgeId, operationId } from "./window_entries.ts";
import type { SpanKind, StatusCode } from "./span_kind.ts";

// Raise it when the layout changes, and keep reading the older ones.
const VERSION = 1;

/** By their number in the bytes. */
export const CONNECTION_TYPES: readonly ConnectionType[] = [
  "",
  "messaging_system",
  "database",
  "virtual_node",
];

/** A window as bytes, in two parts, since the map needs no operations. */
export interface EncodedWindow {
  /** All but the operations. */
  readonly summary: Uint8Array;
  readonly operations: Uint8Array;
}

/** A window as bytes. */
export function encodeWindow(window: ServiceWindow): EncodedWindow {
  return {
    summary: encodeSummary(window),
    operations: encodeOperations(window),
  };
}

/** Whether an edge is wanted, by the `nodeId`s of its two ends. */
export type WantsEdge = (from: string, to: string) => boolean;

/**
 * The window of its bytes.
 *
 * @param encoded `operations` may be left out: the window then has none.
 * @param wantsEdge Other edges are left out, which saves most of the work.
 *   @default {all}
 * @throws {RangeError} Where the bytes are of another version or cut short.
 */
export function decodeWindow(
  encoded: { summary: Uint8Array; operations?: Uint8Array },
  wantsEdge?: WantsEdge,
): ServiceWindow {
  const window = emptyWindow();
  readSummary(new ByteReader(encoded.summary), window, wantsEdge);
  if (encoded.operations !== undefined) {
    readOperations(new ByteReader(encoded.operations), window);
  }
  return window;
}

function encodeSummary(window: ServiceWindow): Uint8Array {
  const to = new ByteWriter();
  to.varint(VERSION);
  writeRequests(to, window.entries);
  writeRequests(to, window.roots);
  to.varint(SPAN_COUNTERS.length);
  for (const name of SPAN_COUNTERS) to.number(window.counters[name]);
  to.varint(window.traits);
  to.varint(window.endpoints.size);
  for (const endpoint of window.endpoints) to.string(endpoint);
  to.number(Number.isFinite(window.firstSeenMs) ? window.firstSeenMs : -1);
  to.number(window.lastSeenMs);
  to.varint(window.edges.size);
  for (const edge of window.edges.values()) writeEdge(to, edge);
  return to.finish();
}

function readSummary(
  from: ByteReader,
  window: ServiceWindow,
  wantsEdge: WantsEdge | undefined,
): void {
  readVersion(from);
  readRequests(from, window.entries);
  readRequests(from, window.roots);
  const counters = from.varint();
  for (let at = 0; at < counters; at++) {
    const name = SPAN_COUNTERS[at];
    const value = from.number();
    if (name !== undefined) window.counters[name] = value;
  }
  window.traits = from.varint();
  for (let left = from.varint(); left > 0; left--) {
    window.endpoints.add(from.string());
  }
  const firstSeenMs = from.number();
  window.firstSeenMs = firstSeenMs < 0 ? Infinity : firstSeenMs;
  window.lastSeenMs = from.number();
  for (let left = from.varint(); left > 0; left--) {
    const edge = readEdge(from, wantsEdge);
    if (edge !== null) window.edges.set(edgeId(edge.key), edge);
  }
}

function encodeOperations(window: ServiceWindow): Uint8Array {
  const to = new ByteWriter();
  to.varint(VERSION);
  to.varint(window.operations.size);
  for (const operation of window.operations.values()) {
    to.string(operation.name);
    to.byte(operation.kind);
    to.byte(operation.status);
    operation.duration.write(to);
    writeSamples(to, operation.samples);
  }
  return to.finish();
}

function readOperations(from: ByteReader, window: ServiceWindow): void {
  readVersion(from);
  for (let left = from.varint(); left > 0; left--) {
    const operation: OperationStats = {
      name: from.string(),
      kind: from.byte() as SpanKind,
      status: from.byte() as StatusCode,
      duration: Histogram.read(from),
      samples: readSamples(from),
    };
    window.operations.set(operationId(operation), operation);
  }
}

/** Reads the version. @throws {RangeError} Where it is another one. */
export function readVersion(from: ByteReader): void {
  const version = from.varint();
  if (version !== VERSION) {
    throw new RangeError(`Cannot read a window of version "${version}"`);
  }
}

function writeRequests(to: ByteWriter, requests: RequestStats): void {
  to.number(requests.failed);
  requests.duration.write(to);
}

function readRequests(from: ByteReader, into: RequestStats): void {
  into.failed = from.number();
  into.duration.merge(Histogram.read(from));
}

function writeEdge(to: ByteWriter, edge: EdgeStats): void {
  to.string(nodeId(edge.key.from));
  to.string(nodeId(edge.key.to));
  to.byte(CONNECTION_TYPES.indexOf(edge.key.connectionType));
  to.string(edge.key.system);
  to.string(edge.key.destination);
  to.number(edge.failed);
  edge.latency.write(to);
  edge.client.write(to);
  edge.queue.write(to);
  to.number(edge.skewedQueueTimes);
  writeSamples(to, edge.samples);
}

function readEdge(
  from: ByteReader,
  wantsEdge: WantsEdge | undefined,
): EdgeStats | null {
  const [caller, callee] = [from.string(), from.string()];
  if (wantsEdge !== undefined && !wantsEdge(caller, callee)) {
    skipEdge(from);
    return null;
  }
  return {
    key: {
      from: nodeOfId(caller),
      to: nodeOfId(callee),
      connectionType: CONNECTION_TYPES[from.byte()] ?? "",
      system: from.string(),
      destination: from.string(),
    },
    failed: from.number(),
    latency: Histogram.read(from),
    client: Histogram.read(from),
    queue: Histogram.read(from),
    skewedQueueTimes: from.number(),
    samples: readSamples(from),
  };
}

/** Steps over an edge whose two ends have been read. */
function skipEdge(from: ByteReader): void {
  from.byte();
  from.bytes();
  from.bytes();
  from.number();
  for (let histograms = 3; histograms > 0; histograms--) Histogram.skip(from);
  from.number();
  skipSamples(from);
}
