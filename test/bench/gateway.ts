import { makeSpan } from "../truth/make_span.ts";
import { encodeProtobuf } from "../truth/otlp_protobuf.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import type { ShopSpan } from "../../src/local/shop_span.ts";
import { SpanKind } from "../../src/map/span_kind.ts";
import { exportRequest } from "../../src/local/otlp_json.ts";
import { TraceClient } from "../gateway/trace_client.ts";
import { startService } from "../harness/service.ts";
import { printFigures } from "./print_figures.ts";

// What OTLP/gRPC through the gateway costs beside OTLP/HTTP to the same
// service: how long an export takes alone, and how many a second get through.

const SPANS = 50;
const WARM_UP = 200;
const ALONE = 300;
const TOGETHER = 2_000;
const AT_A_TIME = 64;

/** Posts one message, and returns once it is acknowledged. */
type Send = (message: Uint8Array<ArrayBuffer>) => Promise<void>;

const random = new SeededRandom(Date.now());
const service = await startService({ env: { GRPC_PORT: "0" } });
const [, grpcUrl = ""] = /OTLP\/gRPC\s+(\S+)/.exec(service.output()) ?? [];
const client = new TraceClient(grpcUrl);
try {
  for (const send of [viaHttp, viaGrpc]) await together(send, WARM_UP);
  const times = { http: [] as number[], grpc: [] as number[] };
  for (let round = 0; round < ALONE; round++) {
    times.http.push(await timeOf(viaHttp));
    times.grpc.push(await timeOf(viaGrpc));
  }
  const rates = {
    http: await together(viaHttp, TOGETHER),
    grpc: await together(viaGrpc, TOGETHER),
  };
  printFigures({
    message: { spans: SPANS, bytes: message().byteLength },
    "one at a time, ms": {
      http: percentiles(times.http),
      grpc: percentiles(times.grpc),
    },
    [`${AT_A_TIME} at a time, exports a second`]: {
      ...rates,
      ratio: rates.grpc / rates.http,
    },
  });
} finally {
  client.close();
  await service.stop();
}

async function viaHttp(body: Uint8Array<ArrayBuffer>): Promise<void> {
  const response = await fetch(`${service.url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/x-protobuf" },
    body,
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`HTTP status ${response.status}`);
}

async function viaGrpc(body: Uint8Array<ArrayBuffer>): Promise<void> {
  const { code, details } = await client.export(body);
  if (code !== 0) throw new Error(`gRPC code ${code}: ${details}`);
}

async function timeOf(send: Send): Promise<number> {
  const body = message();
  const began = performance.now();
  await send(body);
  return performance.now() - began;
}

/** Exports a second. */
async function together(send: Send, count: number): Promise<number> {
  const messages = Array.from({ length: count }, message);
  const began = performance.now();
  await Promise.all(Array.from({ length: AT_A_TIME }, async () => {
    for (let next = messages.pop(); next; next = messages.pop()) {
      await send(next);
    }
  }));
  return count * 1000 / (performance.now() - began);
}

function message(): Uint8Array<ArrayBuffer> {
  const spans = Array.from(
    { length: SPANS },
    () => makeSpan(random, { service: "bench", kind: SpanKind.INTERNAL }),
  );
  const [{ service: { resource } }] = spans as [ShopSpan];
  const request = exportRequest({ resource }, spans);
  return new Uint8Array(encodeProtobuf(request));
}

function percentiles(times: readonly number[]): object {
  const sorted = times.toSorted((left, right) => left - right);
  return {
    p50: sorted[Math.floor(sorted.length / 2)],
    p95: sorted[Math.floor(sorted.length * 0.95)],
  };
}
