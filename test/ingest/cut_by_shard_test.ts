import * as fc from "fast-check";
import { expect, test } from "vitest";
import { byteString } from "../../src/codec/byte_string.ts";
import {
  cutByShard,
  MAX_BLOCK_BYTES,
  MAX_MESSAGE_BYTES,
  resourceFacts,
} from "../../src/ingest/cut_by_shard.ts";
import { SpanKind } from "../../src/map/span_kind.ts";
import type { SpanBatch, SpanRow } from "../../src/otlp/span_batch.ts";
import { shardOf } from "../../src/trace/ownership.ts";
import type { SpanPiece } from "../../src/spans/span_pieces.ts";
import {
  decodeTraceMessage,
  readMessage,
} from "../../src/trace/trace_message.ts";
import { MAX_KEPT_SPAN_BYTES } from "../../src/trace_store/span_block.ts";

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
      const cut = [...cutByShard(batch, {
        shards,
        resources: resourceFacts(batch),
        sent: null,
        notKept: () => undefined,
      })];
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
  const cut = [...cutByShard(batch, {
    shards: 1,
    resources: resourceFacts(batch),
    sent: null,
    notKept: () => undefined,
  })];
  expect(cut.length).toBeGreaterThan(1);
  for (const { message } of cut) {
    expect(message.length).toBeLessThan(MAX_MESSAGE_BYTES * 1.1);
  }
  const decoded = cut.flatMap(({ message }) =>
    decodeTraceMessage(message).spans
  );
  expect(decoded.length).toBe(spans.length);
});

function pieceFor(at: number, bytes: number): SpanPiece {
  const span = new Uint8Array(bytes);
  new DataView(span.buffer).setUint32(0, at);
  return { resource: RESOURCE_PIECE, scope: SCOPE_PIECE, span };
}

const RESOURCE_PIECE = Uint8Array.of(1, 2);
const SCOPE_PIECE = Uint8Array.of(3);

test("cutByShard() brings each span as it was sent beside its facts, in messages of about MAX_BLOCK_BYTES", () => {
  const spans = Array.from(
    { length: 300 },
    (_, at) => rowOf({ trace: at % TRACES, span: at % TRACES, name: `${at}` }),
  );
  const batch = batchOf(spans);
  const pieces = spans.map((_, at) => pieceFor(at, 20_000));
  const cut = [...cutByShard(batch, {
    shards: 2,
    resources: resourceFacts(batch),
    sent: { encoding: "json", pieces },
    notKept: () => {
      throw new Error("All are kept");
    },
  })].map(({ message }) => readMessage(message));
  expect(cut.length).toBeGreaterThan(5);
  const brought = cut.flatMap(({ message, block, bytes }) => {
    expect(bytes.length).toBeLessThan(MAX_BLOCK_BYTES * 1.1);
    expect(block?.encoding).toBe("json");
    return message.spans.map((facts, at) => {
      const { resource, scope, span } = block?.spans[at] ?? {};
      expect([resource, scope]).toEqual([RESOURCE_PIECE, SCOPE_PIECE]);
      expect(span).toEqual(pieces[Number(facts.operation)]?.span);
      return facts.operation;
    });
  });
  expect(brought.length).toBe(spans.length);
});

test.each([[MAX_KEPT_SPAN_BYTES, 0], [MAX_KEPT_SPAN_BYTES + 1, 1]])(
  "cutByShard() of a span of %d bytes leaves %d out",
  (bytes, expected) => {
    const batch = batchOf([rowOf({ trace: 1, span: 1, name: "a" })]);
    const shared = RESOURCE_PIECE.length + SCOPE_PIECE.length;
    let left = 0;
    const [message] = cutByShard(batch, {
      shards: 1,
      resources: resourceFacts(batch),
      sent: { encoding: "protobuf", pieces: [pieceFor(0, bytes - shared)] },
      notKept: (spans) => {
        left += spans;
      },
    });
    const read = readMessage(message?.message ?? new Uint8Array());
    expect(read.message.spans.length).toBe(1);
    expect(read.block?.spans[0] === null).toBe(expected === 1);
    expect(left).toBe(expected);
  },
);
