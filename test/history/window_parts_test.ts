import { expect, test } from "vitest";
import {
  cutWindow,
  joinParts,
  PART_BYTES,
} from "../../src/history/window_parts.ts";

function bytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => at % 251);
}

test("cutWindow() needs a second row from PART_BYTES + 1 on", () => {
  const operations = bytes(10);
  const fits = cutWindow({ summary: bytes(PART_BYTES), operations });
  expect(fits.map(({ part, parts }) => [part, parts])).toEqual([[0, 1]]);
  const more = cutWindow({ summary: bytes(PART_BYTES + 1), operations });
  expect(more.map(({ part, parts }) => [part, parts]))
    .toEqual([[0, 2], [1, 2]]);
  expect(more.map(({ summary }) => summary.length)).toEqual([PART_BYTES, 1]);
});

test("cutWindow() makes a row of an empty window", () => {
  const empty = { summary: bytes(0), operations: bytes(0) };
  expect(joinParts(cutWindow(empty))).toEqual(empty);
});

test("joinParts() gives back what was cut", () => {
  for (const [summary, operations] of [[1, 1], [700_000, 3], [5, 600_000]]) {
    const whole = {
      summary: bytes(summary ?? 0),
      operations: bytes(operations ?? 0),
    };
    expect(joinParts(cutWindow(whole))).toEqual(whole);
  }
});
