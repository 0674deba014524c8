import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader } from "../../src/codec/byte_reader.ts";
import { ByteWriter } from "../../src/codec/byte_writer.ts";
import { BloomFilter, traceHash } from "../../src/trace/bloom_filter.ts";
import { endMs, gapNs } from "../../src/trace/span_facts.ts";
import {
  CHUNK_BYTES,
  packTraces,
  unpackTraces,
} from "../../src/trace/segment.ts";
import {
  decodeTraceMessage,
  TraceMessageWriter,
} from "../../src/trace/trace_message.ts";
import {
  emptyTrace,
  type Half,
  type Outcome,
} from "../../src/trace/trace_state.ts";
import { smallId, spansArbitrary } from "./span_arbitrary.ts";

const NOW_MS = 1_700_000_000_000;

test("decodeTraceMessage() reads what TraceMessageWriter wrote", () => {
  fc.assert(fc.property(spansArbitrary(NOW_MS), (spans) => {
    const writer = new TraceMessageWriter();
    const links = spans.flatMap(({ span, links }) =>
      links.map((target) => ({ target, consumer: span }))
    );
    for (const { span } of spans) writer.span(span);
    for (const link of links) writer.link(link);
    expect(decodeTraceMessage(writer.finish()))
      .toEqual({ spans: spans.map(({ span }) => span), links });
  }));
});

test("decodeTraceMessage() refuses a message that is cut short, at every byte", () => {
  const [generated] = fc.sample(spansArbitrary(NOW_MS), 1);
  const writer = new TraceMessageWriter();
  for (const { span } of generated ?? []) writer.span(span);
  const bytes = writer.finish();
  const whole = decodeTraceMessage(bytes).spans.length;
  for (let length = 0; length < bytes.length; length++) {
    let spans = -1;
    try {
      spans = decodeTraceMessage(bytes.subarray(0, length)).spans.length;
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
    }
    expect(spans).toBeLessThan(whole);
  }
});

test("unpackTraces() reads what packTraces() packed, over many chunks", () => {
  const spans = fc.sample(spansArbitrary(NOW_MS), 400).flat();
  const entries = spans.map(({ span }, at) => {
    const id = at.toString().padStart(16, "0");
    const state = emptyTrace();
    const half: Half = {
      span: { ...span, traceId: id },
      minuteS: 60,
      arrivedMs: NOW_MS,
      outcome: (at % 5) as Outcome,
    };
    const elsewhere: Half = { ...half, span };
    state.seen.add(span.spanId + String.fromCharCode(span.kind));
    state.clients.set(span.spanId, half);
    state.servers.set(smallId(8, 7), [half, elsewhere]);
    return { id, state };
  });
  const chunks = packTraces(entries);
  expect(chunks.length).toBeGreaterThan(1);
  for (const chunk of chunks) {
    expect(chunk.body.length).toBeLessThan(3 * CHUNK_BYTES);
  }
  expect(chunks.flatMap(({ body }) => unpackTraces(body))).toEqual(entries);
  const [last] = entries.slice(-1);
  expect(
    unpackTraces(
      chunks.at(-1)?.body ?? new Uint8Array(),
      new Set([last?.id ?? ""]),
    ),
  )
    .toEqual([last]);
});

test("BloomFilter holds all it was made of, and seldom anything else", () => {
  const ids = Array.from({ length: 20_000 }, (_, at) =>
    String.fromCharCode(
      ...Array.from({ length: 16 }, (_, byte) => (at >> (byte * 3)) & 255),
    ));
  const [made, others] = [ids.slice(0, 10_000), ids.slice(10_000)];
  const filter = BloomFilter.of(made);
  expect(made.filter((id) => !filter.mayHold(traceHash(id)))).toEqual([]);
  const wrong = others.filter((id) => filter.mayHold(traceHash(id))).length;
  expect(wrong / others.length).toBeLessThan(0.002);
});

test("endMs() and gapNs() agree with exact integers", () => {
  const ns = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n });
  const durationNs = fc.integer({ min: 0, max: 2 ** 52 });
  fc.assert(
    fc.property(ns, durationNs, (start, durationNs) => {
      const span = {
        startHigh: Number(start >> 32n),
        startLow: Number(start & 0xffffffffn),
        durationNs,
      };
      expect(endMs(span)).toBe(
        Number((start + BigInt(durationNs)) / 1_000_000n),
      );
    }),
    { numRuns: 5000 },
  );
  fc.assert(fc.property(
    spansArbitrary(NOW_MS).filter((spans) => spans.length > 1),
    (spans) => {
      const [a, b] = spans.map(({ span }) => span);
      if (a === undefined || b === undefined) return;
      const start = (span: typeof a) =>
        (BigInt(span.startHigh) << 32n) + BigInt(span.startLow);
      expect(BigInt(gapNs(a, b)))
        .toBe(start(b) - start(a) - BigInt(a.durationNs));
    },
  ));
});

test("ByteReader reads the numbers that ByteWriter wrote", () => {
  const number = fc.oneof(
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0)),
  );
  fc.assert(fc.property(fc.array(number), (numbers) => {
    const writer = new ByteWriter();
    for (const value of numbers) writer.number(value);
    const reader = new ByteReader(writer.finish());
    expect(numbers.map(() => reader.number())).toEqual(numbers);
    expect(reader.done).toBe(true);
  }));
  fc.assert(fc.property(fc.array(fc.maxSafeInteger()), (numbers) => {
    const safe = numbers.map((value) => Math.trunc(value / 2) + 0);
    const writer = new ByteWriter();
    for (const value of safe) writer.signed(value);
    for (const value of numbers) writer.varint(Math.abs(value));
    const reader = new ByteReader(writer.finish());
    expect(safe.map(() => reader.signed())).toEqual(safe);
    expect(numbers.map(() => reader.varint())).toEqual(numbers.map(Math.abs));
  }));
});
