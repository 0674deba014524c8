import { expect, test } from "vitest";
import { readPartialSuccess } from "../../src/outbox/partial_success.ts";
import { exportResponse } from "../../src/ingest/otlp_answer.ts";

const PROTOBUF = "application/x-protobuf";
const NOTHING = { rejectedSpans: 0, errorMessage: "" };

test.each(["protobuf", "json"] as const)(
  "readPartialSuccess() reads what a server writes in %s",
  async (encoding) => {
    const message = "span 3: größer als erlaubt";
    for (
      const [count, said] of [[0, ""], [1, message], [100_000, ""]] as const
    ) {
      const response = exportResponse(encoding, count, said);
      const type = response.headers.get("content-type") ?? "";
      const bytes = new Uint8Array(await response.arrayBuffer());
      expect(readPartialSuccess(bytes, type))
        .toEqual({ rejectedSpans: count, errorMessage: said });
    }
  },
);

test.each([
  ["", PROTOBUF],
  ["\x0f", PROTOBUF],
  ["\x0a\x7f", PROTOBUF],
  ["<html>", PROTOBUF],
  ["<html>", "text/html"],
  ["", "application/json"],
  ["[]", "application/json"],
  ['{"partialSuccess":{"rejectedSpans":"-1"}}', "application/json"],
  ['{"partialSuccess":7}', "application/json"],
])("readPartialSuccess(%j) finds nothing in %s", (text, type) => {
  const bytes = new TextEncoder().encode(text);
  expect(readPartialSuccess(bytes, type)).toEqual(NOTHING);
});
