import { expect, test } from "vitest";
import {
  answerEncoding,
  contentHeaders,
  MAX_FORWARDED_TYPE_CHARS,
  readContent,
} from "../../src/ingest/content.ts";

function headers(type: string | null, coding: string | null = null): Headers {
  const result = new Headers();
  if (type !== null) result.set("content-type", type);
  if (coding !== null) result.set("content-encoding", coding);
  return result;
}

test.each([
  ["application/x-protobuf", "protobuf"],
  ["application/json", "json"],
  ["application/json; charset=utf-8", "json"],
  ["application/json;charset=UTF-8;x=y", "json"],
  ["Application/JSON ; charset=utf-8", "json"],
  ["APPLICATION/X-PROTOBUF;proto=a.b", "protobuf"],
])("readContent() takes the type %j as %s", (type, encoding) => {
  expect(readContent(headers(type)))
    .toEqual({ ok: true, content: { encoding, compression: null } });
  expect(answerEncoding(headers(type))).toBe(encoding);
});

test.each([
  null,
  "",
  "text/plain",
  "application/protobuf",
  "application/jsonp",
  "application/x-www-form-urlencoded",
  "application/grpc+proto",
])("readContent() refuses the type %j and shows it", (type) => {
  const result = readContent(headers(type));
  expect(result).toMatchObject({
    ok: false,
    headers: { "accept-post": "application/x-protobuf, application/json" },
  });
  expect(!result.ok && result.reason).toContain(type ?? "no Content-Type");
  expect(answerEncoding(headers(type))).toBe("json");
});

test.each([
  ["gzip", "gzip"],
  ["GZIP", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
  ["Deflate", "deflate"],
  ["identity", null],
  ["", null],
  ["gzip, identity", "gzip"],
  ["identity,gzip", "gzip"],
  ["identity, identity", null],
])("readContent() takes the coding %j as %s", (coding, compression) => {
  expect(readContent(headers("application/json", coding)))
    .toEqual({ ok: true, content: { encoding: "json", compression } });
});

test.each(["br", "zstd", "gzip, gzip", "gzip, br", "gzip;q=1", "snappy"])(
  "readContent() refuses the coding %j and says which it takes",
  (coding) => {
    const result = readContent(headers("application/x-protobuf", coding));
    expect(result).toMatchObject({
      ok: false,
      reason: expect.stringContaining(`"${coding}"`),
      headers: { "accept-encoding": "gzip, deflate, identity" },
    });
  },
);

test.each([
  ["application/json; charset=utf-8", "application/json; charset=utf-8"],
  ["application/json; a\x01b", "application/json"],
  ["application/json; a=é", "application/json"],
  ["application/x-protobuf; é", "application/x-protobuf"],
  [
    "application/json;".padEnd(MAX_FORWARDED_TYPE_CHARS, "x"),
    "application/json;".padEnd(MAX_FORWARDED_TYPE_CHARS, "x"),
  ],
  [
    "application/json;".padEnd(MAX_FORWARDED_TYPE_CHARS + 1, "x"),
    "application/json",
  ],
])("contentHeaders() sends %j on as %j", (type, contentType) => {
  const sent = headers(type, " identity, X-GZIP");
  const read = readContent(sent);
  expect(read.ok && contentHeaders(sent, read.content))
    .toEqual({ contentType, contentEncoding: "gzip" });
});
