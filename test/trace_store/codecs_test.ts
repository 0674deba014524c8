import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader } from "../../src/codec/byte_reader.ts";
import { ByteWriter } from "../../src/codec/byte_writer.ts";
import { cutMessage } from "../../src/trace/cut_message.ts";
import { readMessage, readSpansOf } from "../../src/trace/trace_message.ts";
import { readStrings, StringTable } from "../../src/trace/string_table.ts";
import { freshSpans } from "../../src/trace_store/fresh_traces.ts";
import { spanKey } from "../../src/spans/kept_span.ts";
import {
  type KeptTrace,
  packKeptTraces,
  unpackKeptTraces,
} from "../../src/trace_store/kept_trace.ts";
import {
  readSpanBlock,
  SpanBlockWriter,
} from "../../src/trace_store/span_block.ts";
import {
  addSpan,
  emptySummary,
  joinedSummary,
  readSummary,
  type TraceSummary,
  writeSummary,
} from "../../src/trace_index/summary.ts";
import {
  byPosition,
  packPages,
  unpackPage,
} from "../../src/trace_index/trace_page.ts";
import type { GeneratedSpan } from "../trace/brute_force_map.ts";
import { smallId, spansArbitrary } from "../trace/span_arbitrary.ts";
import { UNINDEXED } from "../../src/trace_index/indexed_attributes.ts";
import type { AskedHash } from "../../src/trace_index/page_attributes.ts";
import { keptMessage, piece } from "./kept_message.ts";

const NOW_MS = 1_700_000_000_000;

function pieceOf({ span }: GeneratedSpan): string {
  return `${span.operation} for ${span.durationNs}`;
}

function resourcesOf({ span }: GeneratedSpan): readonly string[] {
  return [`arn:${span.service.name}`, `arn:${span.durationNs % 3}`];
}

function summaryOf(spans: readonly GeneratedSpan[]): TraceSummary {
  const summary = emptySummary(smallId(16, 1));
  for (const one of spans) addSpan(summary, one.span, resourcesOf(one));
  return summary;
}

/** Without the order of what is a set. */
function asSets({ groups, resourceIds, ...summary }: TraceSummary) {
  return {
    ...summary,
    resourceIds: new Set(resourceIds),
    groups: new Set(groups.map((group) => JSON.stringify(group)).toSorted()),
  };
}

/** One trace for each trace of the spans. */
function keptTraces(spans: readonly GeneratedSpan[]): readonly KeptTrace[] {
  const ids = [...new Set(spans.map(({ span }) => span.traceId))];
  return ids.map((id, at) => {
    const own = spans.filter(({ span }) => span.traceId === id);
    return {
      id,
      summary: { ...summaryOf(own), traceId: id },
      spans: own.map((one) => ({
        key: spanKey(one.span),
        encoding: at % 2 === 0 ? "protobuf" as const : "json" as const,
        resource: piece(one.span.service.name),
        scope: piece("scope"),
        span: piece(pieceOf(one)),
      })),
    };
  });
}

const [sample = []] = fc.sample(spansArbitrary(NOW_MS, { minLength: 12 }), {
  numRuns: 1,
  seed: 3,
});

function writtenSummary(summary: TraceSummary): Uint8Array {
  const strings = new StringTable();
  const body = new ByteWriter();
  writeSummary(body, summary, strings);
  const whole = new ByteWriter();
  strings.write(whole);
  whole.raw(body.finish());
  return whole.finish();
}

function readWritten(bytes: Uint8Array): TraceSummary {
  const from = new ByteReader(bytes);
  return readSummary(from, smallId(16, 1), readStrings(from));
}

function blockOf(spans: readonly GeneratedSpan[]): Uint8Array {
  const writer = new SpanBlockWriter("json");
  const scope = piece("scope");
  for (const one of spans) {
    writer.add({ resource: scope, scope, span: piece(pieceOf(one)) });
  }
  return writer.finish();
}

test("unpackKeptTraces() reads what packKeptTraces() packed, or what is wanted of it", () => {
  fc.assert(fc.property(spansArbitrary(NOW_MS), (spans) => {
    const traces = keptTraces(spans);
    const bytes = packKeptTraces(traces);
    expect(unpackKeptTraces(bytes)).toEqual(traces);
    const wanted = new Set([smallId(16, 2), smallId(16, 9)]);
    expect(unpackKeptTraces(bytes, wanted))
      .toEqual(traces.filter(({ id }) => wanted.has(id)));
  }));
});

test("packKeptTraces() writes what spans share once, however many objects say it", () => {
  const long = "resource ".repeat(1000);
  const [one] = keptTraces(sample.slice(0, 1));
  if (one === undefined) throw new Error("no spans");
  const [span] = one.spans;
  if (span === undefined) throw new Error("no span");
  const spans = Array.from(
    { length: 10 },
    () => ({ ...span, resource: piece(long) }),
  );
  const bytes = packKeptTraces([{ ...one, spans }]);
  expect(bytes.length).toBeGreaterThan(long.length);
  expect(bytes.length).toBeLessThan(2 * long.length);
});

test("packKeptTraces() tells a resource in JSON from the same bytes in protobuf", () => {
  const [one] = keptTraces(sample.slice(0, 1));
  const [span] = one?.spans ?? [];
  if (one === undefined || span === undefined) throw new Error("no span");
  const spans = (["protobuf", "json"] as const).map((encoding) => ({
    ...span,
    encoding,
    resource: piece("{}"),
    scope: piece("{}"),
  }));
  expect(unpackKeptTraces(packKeptTraces([{ ...one, spans }]))[0]?.spans)
    .toEqual(spans);
});

test("readSummary() reads what writeSummary() wrote", () => {
  fc.assert(fc.property(
    spansArbitrary(NOW_MS),
    fc.boolean(),
    (spans, overflowed) => {
      const summary = { ...summaryOf(spans), overflowed };
      expect(readWritten(writtenSummary(summary))).toEqual(summary);
    },
  ));
});

test("unpackPage() reads what packPages() packed, the newest first", () => {
  fc.assert(fc.property(spansArbitrary(NOW_MS), (spans) => {
    const summaries = keptTraces(spans).map(({ summary }) => summary);
    const pages = packPages(summaries);
    expect(pages.flatMap(({ body }) => unpackPage(body)))
      .toEqual(summaries.toSorted(byPosition));
    for (const { fromMs, untilMs, traces, body } of pages) {
      const starts = unpackPage(body)
        .map(({ startNs }) => Number(startNs / 1_000_000n));
      expect([fromMs, untilMs, traces])
        .toEqual([Math.min(...starts), Math.max(...starts), starts.length]);
    }
  }));
});

test("unpackPage() reads the summaries alone that have spans of some services, failed ones, or may have", () => {
  fc.assert(fc.property(
    spansArbitrary(NOW_MS),
    fc.subarray(["web", "cart", "orders", "none"]),
    fc.boolean(),
    fc.nat(3),
    (spans, names, failed, overflowed) => {
      const summaries = keptTraces(spans).map(({ summary }, at) => ({
        ...summary,
        overflowed: at === overflowed,
        root: at % 2 === 0 ? summary.root : null,
      }));
      const [page] = packPages(summaries);
      const body = page?.body ?? packedNothing();
      const expected = summaries.toSorted(byPosition).filter((summary) =>
        summary.overflowed ||
        summary.groups.some(({ service, errors }) =>
          names.includes(service.split("@")[0] ?? "") &&
          (!failed || errors > 0)
        )
      );
      expect(unpackPage(body, {
        services: { names: new Set(names), failed },
        attributes: [],
        hasAttributes: true,
      }))
        .toEqual(expected);
    },
  ));
});

const INDEXED = new Set(["k", "l"]);

const askedHashes: fc.Arbitrary<AskedHash> = fc.record({
  key: fc.constantFrom("k", "l", "none"),
  hash: fc.nat(7),
});

/** Summaries with attributes, of which some tell of none. */
const attributed = spansArbitrary(NOW_MS).chain((spans) => {
  const traces = keptTraces(spans);
  return fc.array(fc.option(fc.uniqueArray(fc.nat(5))), {
    minLength: traces.length,
    maxLength: traces.length,
  }).map((drawn) =>
    traces.map(({ summary }, at): TraceSummary => {
      const hashes = drawn[at] ?? null;
      return {
        ...summary,
        attributes: hashes === null
          ? UNINDEXED
          : { keys: INDEXED, hashes: new Set(hashes) },
      };
    })
  );
});

test("unpackPage() reads the attributes that packPages() packed, and the summaries alone that have those that are asked for, or may have", () => {
  fc.assert(fc.property(
    attributed,
    fc.array(fc.array(askedHashes, { minLength: 1, maxLength: 3 }), {
      maxLength: 2,
    }),
    (summaries, attributes) => {
      const [page] = packPages(summaries);
      if (page === undefined) return;
      const sorted = summaries.toSorted(byPosition);
      expect(unpackPage(page.body)).toEqual(sorted);
      const expected = sorted.filter((summary) =>
        attributes.every((values) =>
          values.some(({ key, hash }) =>
            !summary.attributes.keys.has(key) ||
            summary.attributes.hashes.has(hash)
          )
        )
      );
      const asked = { services: null, attributes, hasAttributes: true };
      expect(unpackPage(page.body, asked)).toEqual(expected);
      // What its row says has to hold for each of them.
      const { keys, hashes } = page.attributes;
      const words = new Set(new Uint32Array(hashes.buffer));
      for (const { attributes: { keys: known, hashes: own } } of sorted) {
        const told = keys.split("\n").filter((key) => key !== "");
        expect(told.every((key) => known.has(key))).toBe(true);
        if (told.length === 0) continue;
        expect([...own].every((hash) => words.has(hash))).toBe(true);
      }
    },
  ));
});

test("unpackPage() reads a page from before there were attributes", () => {
  const summaries = keptTraces(sample).map(({ summary }) => summary)
    .toSorted(byPosition);
  const strings = new StringTable();
  const packed = new ByteWriter();
  for (const summary of summaries) {
    packed.rawString(summary.traceId);
    writeSummary(packed, summary, strings);
  }
  const body = new ByteWriter();
  body.varint(1);
  strings.write(body);
  body.raw(packed.finish());
  const page = body.finish();
  expect(unpackPage(page)).toEqual(summaries);
  const attributes = [[{ key: "k", hash: 1 }]];
  const asked = { services: null, attributes, hasAttributes: true };
  expect(unpackPage(page, asked)).toEqual(summaries);
});

/** A page without traces. */
function packedNothing(): Uint8Array {
  return Uint8Array.of(2, 0, 0, 0);
}

test("readSpanBlock() reads what SpanBlockWriter wrote, with the spans that are not kept", () => {
  const pieces = fc.uint8Array({ maxLength: 9 });
  fc.assert(fc.property(
    fc.constantFrom("protobuf" as const, "json" as const),
    fc.array(pieces, { minLength: 1, maxLength: 3 }),
    fc.array(
      fc.option(fc.tuple(fc.nat(2), fc.nat(2), pieces)),
      { minLength: 1 },
    ),
    (encoding, shared, drawn) => {
      const spans = drawn.map((one) => {
        if (one === null) return null;
        const [first, second, span] = one;
        const resource = shared[first % shared.length] ?? span;
        return {
          resource,
          scope: shared[second % shared.length] ?? span,
          span,
        };
      });
      const writer = new SpanBlockWriter(encoding);
      expect(spans.map((span) => writer.add(span)))
        .toEqual(spans.map((span) => span !== null));
      expect(readSpanBlock(writer.finish())).toEqual({ encoding, spans });
    },
  ));
});

test("readMessage() refuses a message that brings other spans than it tells of", () => {
  const whole = keptMessage(sample, pieceOf);
  const { facts } = readMessage(whole);
  expect(readMessage(whole).block?.spans.length).toBe(sample.length);
  const other = keptMessage(sample.slice(1), pieceOf);
  const writer = new ByteWriter();
  writer.varint(2);
  writer.bytes(facts);
  writer.raw(other.subarray(other.length - blockLength(other)));
  expect(() => readMessage(writer.finish())).toThrow(RangeError);
});

function blockLength(message: Uint8Array): number {
  const from = new ByteReader(message.subarray(1));
  from.bytes();
  return from.rest().length;
}

test("cutMessage() gives every place its spans with their bytes, and what is of one place whole", () => {
  fc.assert(fc.property(
    spansArbitrary(NOW_MS, { minLength: 1 }),
    fc.integer({ min: 1, max: 4 }),
    (spans, places) => {
      const whole = readMessage(keptMessage(spans, pieceOf));
      function placeOf(traceId: string): number {
        return traceId.charCodeAt(15) % places;
      }
      const parts = cutMessage(whole, placeOf);
      for (const [place, part] of parts) {
        const own = spans.filter(({ span }) => placeOf(span.traceId) === place);
        expect([...freshSpans(part)].map(({ facts, kept }) => [
          facts,
          new TextDecoder().decode(kept.span),
          new TextDecoder().decode(kept.resource),
        ])).toEqual(own.map((one) => [
          one.span,
          pieceOf(one),
          one.span.service.name,
        ]));
        // What it says follows from its bytes.
        expect(readMessage(part.bytes)).toEqual(part);
      }
      expect([...parts.values()].flatMap(({ message }) => message.spans).length)
        .toBe(spans.length);
      expect(parts.size > 1 || parts.get(placeOf(traceOf(spans))) === whole)
        .toBe(true);
    },
  ));
});

function traceOf([first]: readonly GeneratedSpan[]): string {
  return first?.span.traceId ?? "";
}

test("cutMessage() leaves out the same spans that the message does not bring", () => {
  const writer = new SpanBlockWriter("protobuf");
  const plain = sample.map((one) => ({ ...one, links: [] }));
  const { facts } = readMessage(keptMessage(plain, pieceOf));
  plain.forEach((one, at) => {
    const span = piece(pieceOf(one));
    writer.add(at % 2 === 0 ? null : { resource: span, scope: span, span });
  });
  const message = new ByteWriter();
  message.varint(2);
  message.bytes(facts);
  message.raw(writer.finish());
  const parts = cutMessage(readMessage(message.finish()), (id) => id);
  expect(parts.size).toBeGreaterThan(1);
  const kept = [...parts.values()].flatMap((part) => [...freshSpans(part)])
    .map(({ kept }) => new TextDecoder().decode(kept.span));
  expect(kept.toSorted())
    .toEqual(plain.filter((_, at) => at % 2 === 1).map(pieceOf).toSorted());
});

test("readSpansOf() reads the spans of some traces as readMessage() does", () => {
  fc.assert(fc.property(
    spansArbitrary(NOW_MS, { minLength: 1 }),
    fc.subarray([1, 2, 3, 4, 5, 6].map((id) => smallId(16, id))),
    (spans, ids) => {
      const bytes = keptMessage(spans, pieceOf);
      const wanted = new Set(ids);
      expect(readSpansOf(bytes, wanted)).toEqual(
        [...freshSpans(readMessage(bytes))]
          .filter(({ facts }) => wanted.has(facts.traceId))
          .map(({ facts, kept: { resource, scope, span, encoding } }) => ({
            facts,
            encoding,
            span: { resource, scope, span },
          })),
      );
      const { facts } = readMessage(bytes);
      expect(readSpansOf(facts, wanted)).toEqual([]);
    },
  ));
});

describe.each<[string, Uint8Array, (bytes: Uint8Array) => unknown]>([
  ["unpackKeptTraces", packKeptTraces(keptTraces(sample)), unpackKeptTraces],
  ["readSummary", writtenSummary(summaryOf(sample)), readWritten],
  [
    "unpackPage",
    packPages(
      keptTraces(sample).map(({ summary }, at) => ({
        ...summary,
        attributes: { keys: INDEXED, hashes: new Set([at, 7, 2 ** 31 + at]) },
      })),
    )[0]?.body ?? new Uint8Array(),
    unpackPage,
  ],
  ["readSpanBlock", blockOf(sample), readSpanBlock],
  ["readMessage", keptMessage(sample, pieceOf), readMessage],
])("%s()", (_, whole, read) => {
  test("says RangeError to bytes that are cut short, or reads less of them", () => {
    const expected = read(whole);
    expect(whole.length).toBeGreaterThan(100);
    let refused = 0;
    for (let length = 0; length < whole.length; length++) {
      const bytes = whole.slice(0, length);
      try {
        expect(read(bytes)).not.toEqual(expected);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(whole.length / 2);
  });

  test("says RangeError, and nothing else, to bytes with one that is wrong", () => {
    fc.assert(
      fc.property(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        (at, change) => {
          const bytes = whole.slice();
          bytes[at] = (bytes[at] ?? 0) ^ change;
          try {
            read(bytes);
          } catch (error) {
            if (!(error instanceof RangeError)) throw error;
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

test("addSpan() makes the same summary in whatever order spans come", () => {
  fc.assert(fc.property(
    spansArbitrary(NOW_MS, { minLength: 1 }).chain((spans) =>
      fc.tuple(
        fc.constant(spans),
        fc.shuffledSubarray(spans, { minLength: spans.length }),
      )
    ),
    ([spans, shuffled]) => {
      const summary = asSets(summaryOf(spans));
      expect(asSets(summaryOf(shuffled))).toEqual(summary);
      expect(summary.spanCount).toBe(spans.length);
    },
  ));
});

test("joinedSummary() of two parts is the summary of the whole, and changes neither", () => {
  fc.assert(fc.property(
    spansArbitrary(NOW_MS, { minLength: 2 }),
    fc.nat(),
    (spans, drawn) => {
      const cut = 1 + drawn % (spans.length - 1);
      const first = summaryOf(spans.slice(0, cut));
      const second = summaryOf(spans.slice(cut));
      const joined = joinedSummary(first, second);
      expect(asSets(joined)).toEqual(asSets(summaryOf(spans)));
      expect(asSets(joinedSummary(second, first))).toEqual(asSets(joined));
      expect(first).toEqual(summaryOf(spans.slice(0, cut)));
      expect(second).toEqual(summaryOf(spans.slice(cut)));
      expect(joinedSummary(undefined, first)).toEqual(first);
    },
  ));
});
