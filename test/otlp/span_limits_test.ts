import { expect, test } from "vitest";
import {
  MAX_LINKS_PER_SPAN,
  MAX_SPANS_PER_REQUEST,
} from "../../src/otlp/span_batch_builder.ts";
import {
  MAX_NAME_CHARS,
  MAX_TRACE_STATE_CHARS,
  MAX_VALUE_CHARS,
} from "../../src/otlp/text_limits.ts";
import type { SpanBatch } from "../../src/otlp/span_batch.ts";
import { readTracesJson } from "../../src/otlp/traces_json.ts";
import { readTracesProtobuf } from "../../src/otlp/traces_protobuf.ts";
import { batchOf } from "./plain_batch.ts";
import { attribute, idOf, requestOf, spanFields } from "./rich_request.ts";
import { bytesField } from "./wire.ts";

const TRACE_ID = "07".repeat(16);
const SPAN_ID = "07".repeat(8);
const TOO_MANY = `the request has more than ${MAX_SPANS_PER_REQUEST} spans: ` +
  "send smaller batches";

interface Sent {
  readonly name?: string;
  readonly traceState?: string;
  readonly value?: string;
  readonly links?: number;
}

const encodings: readonly {
  readonly encoding: string;
  /** `bad` spans without ids, then `good` ones. */
  readonly many: (bad: number, good: number) => SpanBatch;
  readonly one: (sent: Sent) => SpanBatch;
}[] = [
  {
    encoding: "protobuf",
    many: (bad, good) =>
      batchOf(readTracesProtobuf(requestOf([
        ...repeated<Uint8Array[]>(bad, []),
        ...repeated(good, spanFields()),
      ]))),
    one: ({ name = "", traceState = "", value = "", links = 0 }) =>
      batchOf(readTracesProtobuf(requestOf([[
        ...spanFields(),
        bytesField(5, name),
        bytesField(3, traceState),
        bytesField(9, attribute("http.route", value)),
        ...Array.from({ length: links }, (_, index) =>
          bytesField(13, [
            bytesField(1, idOf(16, 1 + index % 255)),
            bytesField(2, idOf(8)),
          ])),
      ]]))),
  },
  {
    encoding: "JSON",
    many: (bad, good) =>
      readJson([
        ...repeated(bad, {}),
        ...repeated(good, jsonSpan({})),
      ]),
    one: (sent) => readJson([jsonSpan(sent)]),
  },
];

function repeated<T>(times: number, item: T): T[] {
  return Array.from({ length: times }, () => item);
}

function jsonSpan({ links = 0, value = "", ...fields }: Sent): object {
  return {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    endTimeUnixNano: "1",
    attributes: [{ key: "http.route", value: { stringValue: value } }],
    links: repeated(links, { traceId: TRACE_ID, spanId: SPAN_ID }),
    ...fields,
  };
}

function readJson(spans: readonly object[]): SpanBatch {
  const request = { resourceSpans: [{ scopeSpans: [{ spans }] }] };
  const body = new TextEncoder().encode(JSON.stringify(request));
  return batchOf(readTracesJson(body));
}

for (const { encoding, many, one } of encodings) {
  test(`${encoding}: MAX_SPANS_PER_REQUEST spans are read, more are rejected`, () => {
    const full = many(0, MAX_SPANS_PER_REQUEST);
    expect(full.spans.length).toBe(MAX_SPANS_PER_REQUEST);
    expect([full.rejected, full.rejection]).toEqual([0, ""]);
    const over = many(0, MAX_SPANS_PER_REQUEST + 1);
    expect(over.spans.length).toBe(MAX_SPANS_PER_REQUEST);
    expect([over.rejected, over.rejection]).toEqual([1, TOO_MANY]);
    expect(over.rejectedSpans).toEqual([]);
    expect(over.rejections).toEqual(new Map([["too_many", 1]]));
  });

  test(`${encoding}: spans that are rejected count for MAX_SPANS_PER_REQUEST`, () => {
    const batch = many(2, MAX_SPANS_PER_REQUEST);
    expect(batch.spans.length).toBe(MAX_SPANS_PER_REQUEST - 2);
    expect(batch.rejected).toBe(4);
    expect(batch.rejectedSpans).toEqual([0, 1]);
    expect(batch.rejections)
      .toEqual(new Map([["trace_id", 2], ["too_many", 2]]));
    expect(batch.rejection).toMatch("trace_id has 0 bytes");
  });

  test(`${encoding}: MAX_LINKS_PER_SPAN links are kept, more are counted`, () => {
    for (const [extra, dropped] of [[0, 0], [1, 1], [500, 500]] as const) {
      const batch = one({ links: MAX_LINKS_PER_SPAN + extra });
      expect(batch.spans[0]?.links?.length).toBe(2 * MAX_LINKS_PER_SPAN);
      expect(batch.droppedLinks).toBe(dropped);
    }
  });

  test(`${encoding}: names, values and tracestates have as many characters as their limits, no more`, () => {
    for (const extra of [0, 1]) {
      const [row] = one({
        name: "é".repeat(MAX_NAME_CHARS + extra),
        value: "é".repeat(MAX_VALUE_CHARS + extra),
        traceState: "é".repeat(MAX_TRACE_STATE_CHARS + extra),
      }).spans;
      expect(row?.name).toBe("é".repeat(MAX_NAME_CHARS));
      expect(row?.attributes?.httpRoute).toBe("é".repeat(MAX_VALUE_CHARS));
      expect(row?.traceState.length)
        .toBe(extra === 0 ? MAX_TRACE_STATE_CHARS : 0);
    }
  });
}
