import { expect, test } from "vitest";
import { MAX_TAG_TRACES } from "../../src/tempo/tag_limits.ts";
import {
  INTRINSIC_TAGS,
  isTraceTag,
  MAX_TAG_VALUES,
  tagNames,
  tagValues,
} from "../../src/tempo/tags.ts";
import { readTraceql } from "../../src/search/read_traceql.ts";
import { MAX_TRACE_LIMIT } from "../../src/search/trace_limit.ts";
import { attributesOf, makeSpan, resourceOf } from "../trace_view/make_span.ts";

const WEB = resourceOf("web");

function spanWith(at: number, attributes: Record<string, string | bigint>) {
  return makeSpan({ id: at + 1, from: 0, to: 1, resource: WEB }, {
    attributes: attributesOf(attributes),
  });
}

test("tagNames() tells the keys of each scope, sorted", () => {
  const spans = [spanWith(0, { b: "1" }), spanWith(1, { a: "1", b: "2" })];
  expect(tagNames(spans).span).toEqual(["a", "b"]);
  expect(tagNames(spans).resource).toContain("service.name");
});

test("tagValues() tells each value once, with its type", () => {
  const spans = [
    spanWith(0, { b: "x" }),
    spanWith(1, { b: 5n }),
    spanWith(2, { b: "x" }),
  ];
  const values = [
    { type: "string", value: "x" },
    { type: "int", value: "5" },
  ];
  expect(tagValues(spans, "span.b")).toEqual(values);
  expect(tagValues(spans, ".b")).toEqual(values);
  expect(tagValues(spans, "b")).toEqual(values);
  expect(tagValues(spans, "resource.b")).toEqual([]);
  expect(tagValues(spans, "rootServiceName"))
    .toEqual([{ type: "string", value: "web" }]);
  expect(tagValues(spans, "status").map(({ value }) => value))
    .toEqual(["error", "ok", "unset"]);
});

// Answers of Tempo 3.1.0 to the same spans.
test("tagValues() reads a tag as TraceQL has it, and tells an array's values", () => {
  const span = makeSpan({ id: 1, from: 0, to: 1, resource: WEB }, {
    attributes: attributesOf({
      "sp ace": "z",
      "a/b": "slash",
      list: ["x", "y"],
    }),
  });
  const told = (tag: string) =>
    tagValues([span], tag).map(({ value }) => value);
  expect(told('span."sp ace"')).toEqual(["z"]);
  expect(told("sp ace")).toEqual(["z"]);
  expect(told(".a/b")).toEqual(["slash"]);
  expect(told("span.list")).toEqual(["x", "y"]);
  expect(told("span:name")).toEqual([span.name]);
  expect(told("trace:rootName")).toEqual([span.name]);
  expect(told("trace:rootService")).toEqual(["web"]);
  expect(told("span:status")).toEqual(told("status"));
  expect(told("span:kind")).toEqual(told("kind"));
  expect(told("span:kind")).toContain("server");
});

test("isTraceTag() tells the tags of a root", () => {
  expect(INTRINSIC_TAGS.filter(isTraceTag)).toEqual([
    "rootName",
    "rootServiceName",
    "trace:rootName",
    "trace:rootService",
  ]);
  expect(isTraceTag("root.name")).toBe(false);
});

test("INTRINSIC_TAGS are those that can be asked for", () => {
  const values = ['"a"', "error", "server", "1s"];
  for (const tag of INTRINSIC_TAGS) {
    const readable = values.filter((value) =>
      readTraceql(`{ ${tag} = ${value} }`).ok
    );
    expect([tag, readable.length]).toEqual([tag, 1]);
  }
});

test.each([MAX_TAG_VALUES, MAX_TAG_VALUES + 1])(
  "tagValues() of %d values tells at most MAX_TAG_VALUES",
  (count) => {
    const spans = Array.from(
      { length: count },
      (_, at) => spanWith(at, { b: `${at}` }),
    );
    expect(tagValues(spans, "b").length).toBe(MAX_TAG_VALUES);
  },
);

test("MAX_TAG_TRACES is what one search may ask for", () => {
  expect(MAX_TAG_TRACES).toBeLessThanOrEqual(MAX_TRACE_LIMIT);
});
