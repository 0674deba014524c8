import { expect, test } from "vitest";
import { readJsonSpans } from "../../../src/spans/read_json.ts";
import { readProtobufSpans } from "../../../src/spans/read_protobuf.ts";
import { writeProtobufSpans } from "../../../src/spans/write_protobuf.ts";

const INTEGERS = [2n ** 53n + 1n, -(2n ** 53n) - 1n, -(2n ** 63n), 0n];

test("readProtobufSpans() and writeProtobufSpans() keep every bit of 64, and text that is not UTF-8, in workerd", () => {
  const attributes = INTEGERS.map((integer, index) => ({
    key: String(index),
    value: { intValue: String(integer) },
  }));
  const span = {
    name: "\ufeffé\ud800",
    startTimeUnixNano: "18446744073709551615",
    endTimeUnixNano: "1700000000123456789",
    attributes,
  };
  const text = JSON.stringify({
    resourceSpans: [{ scopeSpans: [{ spans: [span] }] }],
  });
  const spans = readJsonSpans(new TextEncoder().encode(text));
  const body = writeProtobufSpans(spans);
  const [read] = readProtobufSpans(body);
  expect([...read?.attributes.values() ?? []]).toEqual(INTEGERS);
  expect(read?.startNs).toBe(2n ** 64n - 1n);
  expect(read?.endNs).toBe(1_700_000_000_123_456_789n);
  expect(read?.name).toBe("\ufeffé\ufffd");
  // The é cut in two.
  const at = body.indexOf(0xa9);
  body[at] = 0x2e;
  expect(readProtobufSpans(body)[0]?.name).toBe("\ufeff\ufffd.\ufffd");
});
