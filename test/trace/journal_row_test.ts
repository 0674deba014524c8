import { expect, test } from "vitest";
import {
  MAX_JOURNAL_ROW_BYTES,
  packMessages,
  unpackMessages,
} from "../../src/trace/journal_row.ts";

test("packMessages() fills a row up to MAX_JOURNAL_ROW_BYTES and begins another for one byte more", () => {
  // Its length takes three bytes.
  const first = new Uint8Array(MAX_JOURNAL_ROW_BYTES - 3 - 100);
  const fitting = [first, new Uint8Array(100)];
  const beyond = [first, new Uint8Array(101)];
  expect([...packMessages(fitting)].length).toBe(1);
  const rows = [...packMessages(beyond)];
  expect(rows.length).toBe(2);
  expect(rows.flatMap((row) => [...unpackMessages(row)])).toEqual(beyond);
});
