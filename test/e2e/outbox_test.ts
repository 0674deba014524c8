import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { deadLettersSchema } from "../../src/query/outbox_answer.ts";
import { HttpSink, type SinkAnswer } from "../harness/http_sink.ts";
import { type Service, startService } from "../harness/service.ts";
import { exportProtobuf } from "../ingest/export_request.ts";

let tempo: HttpSink;
let service: Service;

beforeAll(async () => {
  tempo = await HttpSink.start();
  const env = { TEMPO_URL: tempo.url, TEMPO_TENANT: "airdig-{tenant}" };
  service = await startService({ env });
});
afterAll(async () => {
  await service.stop();
  await tempo.stop();
});

/** Told by the number of its spans. */
function bodyOf(spans: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(exportProtobuf(spans)));
}

async function post(
  body: Uint8Array<ArrayBuffer>,
  to = service,
): Promise<void> {
  const response = await fetch(`${to.url}/v1/traces`, {
    method: "POST",
    headers: {
      "content-type": "application/x-protobuf",
      "content-encoding": "gzip",
    },
    body,
  });
  expect(response.status).toBe(200);
}

async function letters() {
  const url = `${service.url}/api/v1/outbox/tempo/dead-letters`;
  return deadLettersSchema.parse(await (await fetch(url)).json()).dead_letters;
}

/** Waits until Tempo has these bodies; returns in which order it got them. */
function arrived(bodies: readonly Uint8Array[]): Promise<number[]> {
  return vi.waitFor(() => {
    const order = tempo.requests.map(({ body }) =>
      bodies.findIndex((one) => Buffer.compare(one, body) === 0)
    );
    expect(new Set(order)).toEqual(new Set(bodies.keys()));
    return order;
  }, { timeout: 30_000, interval: 50 });
}

// Apart: a post takes as long as a target hangs, and a request that has failed
// too often by then lets others go before it.
const WAYS: readonly (readonly SinkAnswer[])[] = [
  [500, { status: 429, headers: { "retry-after": "1" } }, 401],
  ["hang"],
];

test.for(WAYS)(
  "what is acknowledged arrives byte for byte and in order, whatever each target does meanwhile: %j",
  async (ways) => {
    const sinks = await Promise.all(ways.map(() => HttpSink.start()));
    const targets = sinks.map(({ url }, at) => ({ name: `way-${at}`, url }));
    const OTLP_TARGETS = JSON.stringify(targets);
    const other = await startService({ env: { OTLP_TARGETS } });
    const bodies = [bodyOf(1), bodyOf(2), bodyOf(3)];
    const taken: Buffer[][] = ways.map(() => []);
    let well = false;
    sinks.forEach((sink, at) =>
      sink.answer = ({ body }) => {
        if (well) taken[at]?.push(Buffer.from(body));
        return well ? 200 : ways[at] ?? 200;
      }
    );
    for (const body of bodies) await post(body, other);
    well = true;
    // Who waits for an answer in vain would go on for ATTEMPT_TIMEOUT_MS.
    for (const sink of sinks) sink.hangUp();
    for (const got of taken) {
      await vi.waitFor(() => {
        expect(got.map((one) => bodies.findIndex((body) => one.equals(body))))
          .toEqual([0, 1, 2]);
      }, { timeout: 40_000, interval: 50 });
    }
    await other.stop();
    await Promise.all(sinks.map((sink) => sink.stop()));
  },
);

test("what Tempo takes at once goes to its tenant, once", async () => {
  await post(bodyOf(4));
  expect(tempo.requests.map(({ body }) => body)).toEqual([bodyOf(4)]);
  expect(tempo.requests[0]?.headers).toMatchObject({
    "content-encoding": "gzip",
    "x-scope-orgid": "airdig-default",
  });
});

test("what Tempo never takes is a dead letter, which can be had, replayed and deleted", async () => {
  tempo.answer = { status: 400, body: "bad id" };
  tempo.requests.length = 0;
  const bodies = [bodyOf(1), bodyOf(2)];
  for (const body of bodies) await post(body);
  const found = await letters();
  expect(found.map(({ status, reason }) => [status, reason])).toEqual([
    [400, "The target answered with status 400: bad id"],
    [400, "The target answered with status 400: bad id"],
  ]);
  expect(tempo.requests).toHaveLength(2);
  const [first, second] = found.map(({ id }) => id);
  const base = `${service.url}/api/v1/outbox/tempo/dead-letters`;
  const download = await fetch(`${base}/${first}`);
  expect(download.headers.get("content-disposition")).toContain("attachment");
  expect(download.headers.get("x-original-content-encoding")).toBe("gzip");
  expect(new Uint8Array(await download.arrayBuffer())).toEqual(bodies[0]);
  tempo.answer = 200;
  tempo.requests.length = 0;
  const replayed = await fetch(`${base}/replay`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ids: [first] }),
  });
  expect(await replayed.json())
    .toEqual({ replayed: 1, unknown: [], refused: 0 });
  await arrived(bodies.slice(0, 1));
  const deleted = await fetch(`${base}/${second}`, { method: "DELETE" });
  expect(deleted.status).toBe(204);
  expect(await letters()).toEqual([]);
});

test("what was acknowledged while Tempo was down arrives after kill -9", async () => {
  const { url } = tempo;
  await tempo.stop();
  const bodies = [bodyOf(1), bodyOf(2), bodyOf(3)];
  for (const body of bodies) await post(body);
  const { dataFolder } = service;
  await service.kill();
  tempo = await HttpSink.start(Number(new URL(url).port));
  const env = { TEMPO_URL: tempo.url };
  service = await startService({ env, dataFolder });
  expect(await arrived(bodies)).toEqual([0, 1, 2]);
});
