import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration } from "../../src/search/parse_duration.ts";

test.each([
  ["0s", 0],
  ["1ns", 1],
  ["1us", 1000],
  ["1µs", 1000],
  ["1μs", 1000],
  ["250ms", 250_000_000],
  ["0.1s", 100_000_000],
  ["1.5s", 1_500_000_000],
  ["2m", 120_000_000_000],
  ["1h2m3s", 3_723_000_000_000],
  ["2d", 172_800_000_000_000],
  ["1w", 604_800_000_000_000],
  ["9007199254740991ns", Number.MAX_SAFE_INTEGER],
  ["9007199254740992ns", undefined],
  ["105d", undefined],
  ["", undefined],
  ["1", undefined],
  ["s", undefined],
  ["-1s", undefined],
  ["1 s", undefined],
  ["1.s", undefined],
  ["1y", undefined],
  ["1s ", undefined],
])("parseDuration() of %j", (text, ns) => {
  expect(parseDuration(text)).toBe(ns);
});

test("parseDuration() never throws, and gives whole nanoseconds", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    const ns = parseDuration(text) ?? 0;
    expect(Number.isSafeInteger(ns) && ns >= 0).toBe(true);
  }));
});
