import { virtualNode } from "../map/node_identity.ts";
import { type EdgeKey, type EdgeStats } from "../map/service_window.ts";
import { edgeOf } from "../map/window_entries.ts";
import { SpanKind, StatusCode } from "../map/span_kind.ts";
import type { DeltaBook } from "./delta_book.ts";
import { sampleSpan } from "./sample_span.ts";
import { endMs, gapNs, type SpanFacts } from "./span_facts.ts";
import type { Half } from "./trace_state.ts";

/** The caller of a root request that names none. */
export const USER_NODE = "user";

/** Counts a call of which both halves came, in the minute the server ended. */
export function countCall(book: DeltaBook, client: Half, server: Half): void {
  const messaging = isMessaging(client.span) || isMessaging(server.span);
  const window = book.window(client.span.service, server.minuteS);
  const edge = edgeOf(window, {
    from: client.span.service,
    to: server.span.service,
    connectionType: messaging ? "messaging_system" : "",
    system: messaging ? client.span.system || server.span.system : "",
    destination: messaging
      ? client.span.destination || server.span.destination
      : "",
  });
  // A span that was sampled away takes its edge with it, so the rarer side
  // tells for how many calls this one stands.
  const weight = Math.max(client.span.weight, server.span.weight);
  const failed = isFailed(client.span) || isFailed(server.span);
  if (failed) edge.failed += weight;
  edge.latency.record(server.span.durationNs, weight);
  edge.client.record(client.span.durationNs, weight);
  if (messaging) countQueueTime(edge, client.span, server.span, weight);
  sample(edge, server.span, failed);
}

function countQueueTime(
  edge: EdgeStats,
  producer: SpanFacts,
  consumer: SpanFacts,
  weight: number,
): void {
  const queueNs = gapNs(producer, consumer);
  if (queueNs > 0) edge.queue.record(queueNs, weight);
  else edge.skewedQueueTimes++;
}

/** Counts a call to a node that no span comes from; `sign` -1 takes it back. */
export function countLoneClient(
  book: DeltaBook,
  client: Half,
  sign: 1 | -1,
): void {
  const { span } = client;
  const window = book.window(span.service, client.minuteS);
  const edge = edgeOf(window, {
    from: span.service,
    to: virtualNode(span.peer),
    connectionType: span.database ? "database" : "virtual_node",
    system: span.system,
    destination: span.destination,
  });
  const weight = span.weight * sign;
  if (isFailed(span)) edge.failed += weight;
  edge.latency.record(span.durationNs, weight);
  edge.client.record(span.durationNs, weight);
  if (sign === 1) sample(edge, span, isFailed(span));
}

/** Counts a root request from a caller that no span comes from. */
export function countRootServer(book: DeltaBook, server: Half): void {
  const { span } = server;
  const key: EdgeKey = {
    from: virtualNode(span.peer || USER_NODE),
    to: span.service,
    connectionType: "virtual_node",
    system: "",
    destination: "",
  };
  const edge = edgeOf(book.window(span.service, server.minuteS), key);
  if (isFailed(span)) edge.failed += span.weight;
  edge.latency.record(span.durationNs, span.weight);
  sample(edge, span, isFailed(span));
}

/** Whether a span's status is ERROR. */
export function isFailed(span: Pick<SpanFacts, "status">): boolean {
  return span.status === StatusCode.ERROR;
}

function isMessaging(span: SpanFacts): boolean {
  return span.kind === SpanKind.PRODUCER || span.kind === SpanKind.CONSUMER;
}

function sample(edge: EdgeStats, span: SpanFacts, failed: boolean): void {
  sampleSpan(edge.samples, span, { failed, endMs: endMs(span) });
}
