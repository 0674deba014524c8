import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_MESSAGE_DEPTH } from "../../src/otlp/message_walker.ts";
import { readTracesProtobuf } from "../../src/otlp/traces_protobuf.ts";
import { WireFault } from "../../src/otlp/wire_cursor.ts";
import { readProtobufSpans } from "../../src/spans/read_protobuf.ts";
import type { Span } from "../../src/spans/span.ts";
import { batchOf, plainBatch, type PlainSpan } from "../otlp/plain_batch.ts";
import {
  attribute,
  nestedArrays,
  requestOf,
  spanFields,
} from "../otlp/rich_request.ts";
import { bytesField, varintField } from "../otlp/wire.ts";
import { requestBytes } from "../otlp/wire_arbitrary.ts";
import { arbitrarySpans, runsOf } from "./arbitrary_spans.ts";
import { protobufOfSpans } from "./body_of_spans.ts";

test("readProtobufSpans() reads every field that was written", () => {
  fc.assert(
    fc.property(arbitrarySpans, (spans) => {
      const read = readProtobufSpans(protobufOfSpans(spans));
      expect(read).toEqual(spans);
      expect(runsOf(read, "resource").length)
        .toBe(runsOf(spans, "resource").length);
      expect(runsOf(read, "scope").length).toBe(runsOf(spans, "scope").length);
    }),
    { numRuns: 150 },
  );
});

/** What a span has in common with that which is read of it for the map. */
function common(span: Span): Partial<PlainSpan> {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentId: span.parentSpanId,
    kind: span.kind,
    status: span.status.code,
    start: span.startNs,
    durationNs: Number(span.endNs - span.startNs),
  };
}

test("readProtobufSpans() reads of any body the spans that readTracesProtobuf() does", () => {
  let compared = 0;
  fc.assert(
    fc.property(requestBytes, (body) => {
      const batch = batchOf(readTracesProtobuf(body));
      const { spans, rejectedSpans } = plainBatch(batch);
      const accepted = readProtobufSpans(body)
        .filter((_, ordinal) => !rejectedSpans.includes(ordinal));
      expect(accepted.length).toBe(spans.length);
      accepted.forEach((span, at) => {
        expect(spans[at]).toMatchObject(common(span));
        expect(span.name.startsWith(spans[at]?.name ?? "?")).toBe(true);
        compared++;
      });
    }),
    { numRuns: 150 },
  );
  expect(compared).toBeGreaterThan(150);
});

test("readProtobufSpans() replaces bytes that are not UTF-8", () => {
  const name = bytesField(5, Uint8Array.of(0x61, 0xff, 0xc3, 0x62));
  const [span] = readProtobufSpans(requestOf([[...spanFields(), name]]));
  expect(span?.name).toBe("a\ufffd\ufffdb");
});

test("readProtobufSpans() starts a span without a start where it ends, and makes one with an unusable parent a root", () => {
  const [, , , end = new Uint8Array()] = spanFields();
  const parents = [new Uint8Array(8), new Uint8Array(7).fill(1)];
  const spans = readProtobufSpans(
    requestOf(parents.map((parent) => [end, bytesField(4, parent)])),
  );
  for (const span of spans) {
    expect(span.startNs).toBe(span.endNs);
    expect(span.startNs).toBeGreaterThan(0n);
    expect(span.parentSpanId).toBe("");
  }
});

test("readProtobufSpans() takes MAX_MESSAGE_DEPTH messages, and throws a WireFault for one more or for a body cut short", () => {
  // The value of a span's attribute stands in 5 messages.
  const levels = Math.floor((MAX_MESSAGE_DEPTH - 5) / 2);
  const [deep, tooDeep] = [levels, levels + 1].map((count) =>
    requestOf([[bytesField(9, attribute("a", nestedArrays(count)))]])
  );
  if (deep === undefined || tooDeep === undefined) throw new RangeError();
  expect(readProtobufSpans(deep).length).toBe(1);
  expect(() => readProtobufSpans(tooDeep)).toThrow(WireFault);
  expect(() => readProtobufSpans(deep.subarray(0, 60))).toThrow(WireFault);
  const cut = requestOf([[bytesField(9, [bytesField(2, [
    varintField(3, -1).subarray(0, 5),
  ])])]]);
  expect(() => readProtobufSpans(cut)).toThrow(WireFault);
});
