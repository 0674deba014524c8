import * as fc from "fast-check";
import { expect, test } from "vitest";
import { byteString } from "../../src/codec/byte_string.ts";
import {
  cutByShard,
  MAX_MESSAGE_BYTES,
  resourceFacts,
} from "../../src/ingest/cut_by_shard.ts";
import { SpanKind } from "../../src/map/span_kind.ts";
import type { SpanBatch, SpanRow } from "../../src/otlp/span_batch.ts";
import { shardOf } from "../../src/trace/ownership.ts";
import { decodeTraceMessage } from "../../src/trace/trace_message.ts";

const ID_SPACE = 64;
const TRACES = 32;

/** Ids: 32 traces of 16 bytes, then 32 spans of 8 bytes. */
const ids = new Uint8Array(TRACES * 16 + TRACES * 8);
for (let trace = 0; trace < TRACES; trace++) ids[trace * 16 + 15] = trace + 1;
for (let span = 0; span < TRACES; span++) {
  ids[TRACES * 16 + span * 8 + 7] = span + 1;
}

function traceAt(trace: number): number {
  return trace * 16;
}

function spanAt(span: number): number {
  return TRACES * 16 + span * 8;
}

function rowOf(
  drawn: { trace: number; span: number; name?: string; links?: number[][] },
): SpanRow {
  return {
    traceAt: traceAt(drawn.trace),
    spanAt: spanAt(drawn.span),
    parentAt: -1,
    kind: SpanKind.CONSUMER,
    status: 0,
    startHigh: 1,
    startLow: 2,
    durationNs: 3,
    name: drawn.name ?? "work",
    traceState: "",
    resource: RESOURCE,
    attributes: null,
    links: drawn.links === undefined
      ? null
      : drawn.links.flatMap(([trace = 0, span = 0]) => [
        traceAt(trace),
        spanAt(span),
      ]),
  };
}

const RESOURCE = { serviceName: "orders" };

function batchOf(spans: readonly SpanRow[]): SpanBatch {
  return {
    ids,
    spans,
    rejected: 0,
    rejection: "",
    rejectedSpans: [],
    rejections: new Map(),
    droppedLinks: 0,
  };
}

test("cutByShard() sends each span and each link to the shard of its trace, once", () => {
  const number = fc.integer({ min: 0, max: TRACES - 1 });
  const drawn = fc.array(fc.record({
    trace: number,
    span: number,
    links: fc.array(fc.tuple(number, number), { maxLength: 4 }),
  }));
  fc.assert(fc.property(
    drawn,
    fc.integer({ min: 1, max: 7 }),
    (spans, shards) => {
      const batch = batchOf(
        spans.map((span) => rowOf({ ...span, links: span.links })),
      );
      const cut = cutByShard(batch, {
        shards,
        resources: resourceFacts(batch),
      });
      const sent = cut.flatMap(({ shard, message }) => {
        const decoded = decodeTraceMessage(message);
        return [
          ...decoded.spans.map((span) => [shard, span.traceId, span.spanId]),
          ...decoded.links.map(({ target, consumer }) => [
            shard,
            target.traceId,
            `${target.spanId}<-${consumer.traceId}${consumer.spanId}`,
          ]),
        ].map((parts) => parts.join(" "));
      });
      const expected = spans.flatMap(({ trace, span, links }) => {
        const id = byteString(ids, traceAt(trace), 16);
        const own = byteString(ids, spanAt(span), 8);
        const targets = new Map(links.map((link) => [link.join(), link]));
        return [
          [shardOf(id, shards), id, own],
          ...[...targets.values()].map(([linked, linkedSpan]) => [
            shardOf(byteString(ids, traceAt(linked), 16), shards),
            byteString(ids, traceAt(linked), 16),
            `${byteString(ids, spanAt(linkedSpan), 8)}<-${id}${own}`,
          ]),
        ].map((parts) => parts.join(" "));
      });
      expect(sent.toSorted()).toEqual(expected.toSorted());
    },
  ));
});

test("cutByShard() closes a message before a row of the shard's journal is full", () => {
  const spans = Array.from(
    { length: 20_000 },
    (_, at) =>
      rowOf({
        trace: at % TRACES,
        span: at % ID_SPACE % TRACES,
        name: `${at}`,
      }),
  );
  const batch = batchOf(spans);
  const cut = cutByShard(batch, {
    shards: 1,
    resources: resourceFacts(batch),
  });
  expect(cut.length).toBeGreaterThan(1);
  for (const { message } of cut) {
    expect(message.length).toBeLessThan(MAX_MESSAGE_BYTES * 1.1);
  }
  const decoded = cut.flatMap(({ message }) =>
    decodeTraceMessage(message).spans
  );
  expect(decoded.length).toBe(spans.length);
});
