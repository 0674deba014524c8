import { request } from "node:http";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { HttpSink, type SunkRequest } from "../harness/http_sink.ts";
import { type Service, startService } from "../harness/service.ts";
import { exportJson, exportProtobuf } from "../ingest/export_request.ts";

const MIB = 1024 * 1024;
const JSON_TYPE = { "content-type": "application/json" };
const PROTOBUF = { "content-type": "application/x-protobuf" };

let service: Service;
let tempo: HttpSink;

beforeAll(async () => {
  tempo = await HttpSink.start();
  service = await startService({ env: { TEMPO_URL: tempo.url } });
});
afterAll(async () => {
  await service.stop();
  await tempo.stop();
});

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** Posts as exporters in Node do; chunks have no Content-Length. */
function post(
  headers: Record<string, string>,
  body: Uint8Array | string | readonly Uint8Array[],
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const url = `${service.url}/v1/traces`;
    const sent = request(url, { method: "POST", headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        resolve({ status, body: Buffer.concat(chunks) });
      });
    });
    sent.on("error", reject);
    if (typeof body === "string" || body instanceof Uint8Array) {
      sent.end(body);
      return;
    }
    for (const chunk of body) sent.write(chunk);
    sent.end();
  });
}

test("POST /v1/traces takes each encoding and compression over the wire", async () => {
  const bodies = [
    [PROTOBUF, Buffer.from(exportProtobuf(3)), 0],
    [JSON_TYPE, Buffer.from(exportJson(3)), 2],
  ] as const;
  for (const [headers, body, length] of bodies) {
    for (
      const [coding, compressed] of [
        ["identity", body],
        ["gzip", gzipSync(body)],
        ["deflate", deflateSync(body)],
        ["deflate", deflateRawSync(body)],
      ] as const
    ) {
      const all = { ...headers, "content-encoding": coding };
      const answer = await post(all, compressed);
      expect(answer.status).toBe(200);
      expect(answer.body.length).toBe(length);
    }
  }
});

test("POST /v1/traces takes chunks without a Content-Length", async () => {
  const body = gzipSync(exportProtobuf(50));
  const half = Math.floor(body.length / 2);
  const chunks = [body.subarray(0, half), body.subarray(half)];
  const headers = { ...PROTOBUF, "content-encoding": "gzip" };
  expect((await post(headers, chunks)).status).toBe(200);
});

/** Waits until exactly these bytes have arrived at Tempo. */
function forwarded(body: Uint8Array): Promise<SunkRequest> {
  return vi.waitFor(() => {
    const found = tempo.requests.find((one) =>
      Buffer.compare(one.body, body) === 0
    );
    if (found === undefined) throw new Error("The bytes have not arrived");
    return found;
  }, { timeout: 30_000 });
}

test("POST /v1/traces forwards what arrived, byte for byte", async () => {
  const body = gzipSync(exportJson(7));
  const headers = {
    "content-type": "application/json; charset=utf-8",
    "content-encoding": "gzip",
  };
  expect((await post(headers, body)).status).toBe(200);
  const arrived = await forwarded(body);
  expect(arrived).toMatchObject({ method: "POST", path: "/v1/traces" });
  expect(arrived.headers).toMatchObject(headers);
});

test.each(
  [["fails", 500, 8], ["does not answer", "hang", 9]] as const,
)("POST /v1/traces succeeds where Tempo %s", async (_, answer, spans) => {
  tempo.answer = answer;
  const body = exportProtobuf(spans);
  expect((await post(PROTOBUF, body)).status).toBe(200);
  tempo.answer = 200;
  await forwarded(body);
});

test("POST /v1/traces answers 413 to a client that has sent it all", async () => {
  const chunks = Array.from({ length: 100 }, () => new Uint8Array(100_000));
  const tooLong = [
    new Uint8Array(4 * MIB + 1),
    chunks,
    new Uint8Array(12 * MIB),
  ];
  for (const body of [...tooLong, ...tooLong, ...tooLong]) {
    expect((await post(PROTOBUF, body)).status).toBe(413);
  }
});

test("POST /v1/traces answers early errors to a client that has sent it all", async () => {
  const body = new Uint8Array(3 * MIB);
  const text = { "content-type": "text/plain" };
  const coding = { ...PROTOBUF, "content-encoding": "zstd" };
  for (let round = 0; round < 3; round++) {
    expect((await post(text, body)).status).toBe(415);
    expect((await post(coding, body)).status).toBe(415);
  }
});

test("POST /v1/traces refuses bombs and goes on serving", async () => {
  const bomb = gzipSync(Buffer.alloc(200 * MIB));
  const headers = { ...PROTOBUF, "content-encoding": "gzip" };
  const answers = await Promise.all([1, 2, 3].map(() => post(headers, bomb)));
  expect(answers.map(({ status }) => status)).toEqual([413, 413, 413]);
  expect((await post(PROTOBUF, exportProtobuf(1))).status).toBe(200);
});
