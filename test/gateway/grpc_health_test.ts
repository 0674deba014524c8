import { Client, type ClientReadableStream, credentials } from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../src/gateway/gateway.ts";
import { MAX_WATCHERS } from "../../src/gateway/grpc_health.ts";
import {
  HEALTH_SERVICE,
  TRACE_SERVICE,
} from "../../src/gateway/grpc_services.ts";
import { HttpSink } from "../harness/http_sink.ts";

const SERVING = 1;
const NOT_SERVING = 2;

let upstream: HttpSink;
let gateway: Gateway;
let client: Client;

beforeEach(async () => {
  upstream = await HttpSink.start();
  gateway = await startGateway({
    url: upstream.url,
    grpc: { host: "127.0.0.1", port: 0 },
    http: null,
    stopWithinMs: 500,
  });
  client = new Client(
    `127.0.0.1:${gateway.grpcPort}`,
    credentials.createInsecure(),
  );
});
afterEach(async () => {
  client.close();
  await gateway.close();
  await upstream.stop();
});

test("Health/Watch tells each change of the Worker's state, and the end", async () => {
  const { states, ended } = watch(TRACE_SERVICE);
  await expect.poll(() => states).toEqual([SERVING]);
  upstream.answer = 500;
  await expect.poll(() => states, { timeout: 10_000 })
    .toEqual([SERVING, NOT_SERVING]);
  upstream.answer = 200;
  await expect.poll(() => states, { timeout: 10_000 })
    .toEqual([SERVING, NOT_SERVING, SERVING]);
  await gateway.close();
  expect(await ended).toBe("ended");
  expect(states.at(-1)).toBe(NOT_SERVING);
});

test("Health/Watch takes MAX_WATCHERS, and not one more", async () => {
  const watches = Array.from({ length: MAX_WATCHERS }, () => watch(""));
  await expect.poll(() => watches.every(({ states }) => states.length === 1))
    .toBe(true);
  expect(await watch("").ended).toBe("code 8");
  watches[0]?.stream.cancel();
  await watches[0]?.ended;
  // The server learns of it a moment later.
  await expect.poll(() => {
    const { stream, ended } = watch("");
    const first = new Promise((resolve) => stream.once("data", resolve));
    return Promise.race([ended, first.then(() => "told")]);
  }).toBe("told");
});

function watch(service: string): {
  readonly states: (number | undefined)[];
  readonly stream: ClientReadableStream<Buffer>;
  readonly ended: Promise<string>;
} {
  const name = Buffer.from(service);
  const stream = client.makeServerStreamRequest<Buffer, Buffer>(
    `/${HEALTH_SERVICE}/Watch`,
    (bytes) => bytes,
    (bytes) => bytes,
    name.length === 0 ? name : Buffer.from([0x0a, name.length, ...name]),
  );
  const states: (number | undefined)[] = [];
  stream.on("data", (state: Buffer) => states.push(state[1]));
  const ended = new Promise<string>((resolve) => {
    stream.once("end", () => resolve("ended"));
    stream.once(
      "error",
      (error: Error & { code?: number }) => resolve(`code ${error.code}`),
    );
  });
  return { states, stream, ended };
}
