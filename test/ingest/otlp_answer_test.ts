import { expect, test } from "vitest";
import { google, opentelemetry } from "../../proto/generated/otlp.js";
import {
  exportResponse,
  otlpError,
  type OtlpErrorStatus,
} from "../../src/ingest/otlp_answer.ts";

const { ExportTraceServiceResponse } = opentelemetry.proto.collector.trace.v1;

async function bytes(answer: Response): Promise<Uint8Array> {
  return new Uint8Array(await answer.arrayBuffer());
}

test("exportResponse() of no rejection has 0 bytes in protobuf", async () => {
  const answer = exportResponse("protobuf", 0, "");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/x-protobuf");
  expect((await bytes(answer)).length).toBe(0);
});

test("exportResponse() of no rejection is {} in JSON", async () => {
  const answer = exportResponse("json", 0, "");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(await answer.text()).toBe("{}");
});

test.each([[1, "no end time"], [300, "x".repeat(1000)], [2 ** 40, "späte €"]])(
  "exportResponse() of %i rejected spans reads the same by protobufjs",
  async (rejected, why) => {
    const answer = exportResponse("protobuf", rejected, why);
    expect(answer.status).toBe(200);
    const { partialSuccess } = ExportTraceServiceResponse.decode(
      await bytes(answer),
    );
    expect(Number(partialSuccess?.rejectedSpans)).toBe(rejected);
    expect(partialSuccess?.errorMessage).toBe(why);
  },
);

test("exportResponse() writes the count as ProtoJSON does", async () => {
  const answer = exportResponse("json", 3, "no end time");
  expect(await answer.json()).toEqual({
    partialSuccess: { rejectedSpans: "3", errorMessage: "no end time" },
  });
});

const CODES: readonly (readonly [OtlpErrorStatus, number])[] = [
  [400, 3],
  [401, 16],
  [403, 7],
  [404, 12],
  [405, 12],
  [413, 8],
  [415, 3],
  [429, 8],
  [500, 13],
  [503, 14],
];

test.each(CODES)(
  "otlpError() of %i has code %i in JSON",
  async (status, code) => {
    const answer = otlpError("json", status, 'a "reason"');
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(await answer.json()).toEqual({ code, message: 'a "reason"' });
  },
);

test.each(CODES)(
  "otlpError() of %i has code %i in protobuf",
  async (status, code) => {
    const answer = otlpError("protobuf", status, "ein Grund: späte €");
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/x-protobuf");
    const decoded = google.rpc.Status.decode(await bytes(answer));
    expect(decoded.code).toBe(code);
    expect(decoded.message).toBe("ein Grund: späte €");
  },
);
