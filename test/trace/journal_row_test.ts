import { expect, test } from "vitest";
import {
  groupByRow,
  MAX_JOURNAL_ROW_BYTES,
  packMessages,
  unpackMessages,
} from "../../src/trace/journal_row.ts";

test("groupByRow() fills a row up to MAX_JOURNAL_ROW_BYTES and begins another for one byte more", () => {
  const first = { bytes: new Uint8Array(MAX_JOURNAL_ROW_BYTES - 100) };
  const fitting = [first, { bytes: new Uint8Array(100) }];
  const beyond = [first, { bytes: new Uint8Array(101) }];
  expect([...groupByRow(fitting)]).toEqual([fitting]);
  expect([...groupByRow(beyond)]).toEqual(beyond.map((one) => [one]));
});

test("groupByRow() gives a message that is larger than a row one of its own", () => {
  const large = { bytes: new Uint8Array(MAX_JOURNAL_ROW_BYTES + 1) };
  expect([...groupByRow([large, large])]).toEqual([[large], [large]]);
  expect([...groupByRow([])]).toEqual([]);
});

test("unpackMessages() reads what packMessages() packed", () => {
  const messages = [[], [1, 2], [3]].map((bytes) => ({
    bytes: Uint8Array.from(bytes),
  }));
  expect([...unpackMessages(packMessages(messages))])
    .toEqual(messages.map(({ bytes }) => bytes));
});
