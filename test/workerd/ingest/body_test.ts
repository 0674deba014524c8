import { expect, test } from "vitest";
import {
  type BodyLimits,
  type BodyResult,
  inflateBody,
  MAX_RECEIVE_MS,
  receiveBody,
} from "../../../src/ingest/body.ts";
import type { Content } from "../../../src/ingest/content.ts";
import {
  MAX_LEASE_MS,
  MAX_WAIT_MS,
} from "../../../src/ingest/memory_budget.ts";
import { HANDOVER_TIMEOUT_MS } from "../../../src/ingest/take_request.ts";
import { compress } from "./compress.ts";

const PLAIN = { encoding: "json", compression: null } as const;
const GZIP = { encoding: "json", compression: "gzip" } as const;
const LIMITS = { maxBodyBytes: 100, maxInflatedBytes: 1000 };

function post(
  body: BodyInit | null,
  headers: Record<string, string> = {},
): Request {
  const url = "https://tracecore.example/v1/traces";
  return new Request(url, { method: "POST", body, headers });
}

/** A body that comes in chunks, with no length said before. */
function chunked(...lengths: readonly number[]): ReadableStream<Uint8Array> {
  const rest = [...lengths];
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      const length = rest.shift();
      if (length === undefined) controller.close();
      else controller.enqueue(new Uint8Array(length).fill(120));
    },
  });
}

async function readBody(
  request: Request,
  content: Content,
  limits: BodyLimits,
): Promise<BodyResult> {
  const received = await receiveBody(request, limits);
  if (!received.ok) return received;
  return inflateBody(received.bytes, content, limits);
}

async function status(request: Request): Promise<number> {
  const body = await readBody(request, PLAIN, LIMITS);
  return body.ok ? 200 : body.status;
}

test("receiveBody() takes maxBodyBytes, and not one more", async () => {
  expect(await status(post("x".repeat(100)))).toBe(200);
  expect(await status(post("x".repeat(101)))).toBe(413);
});

test("receiveBody() counts chunks where no length is said", async () => {
  expect(await status(post(chunked(1, 98, 1)))).toBe(200);
  expect(await status(post(chunked(1, 98, 2)))).toBe(413);
});

test("receiveBody() stops an endless body at the limit", async () => {
  let pulled = 0;
  const endless = new ReadableStream({
    type: "bytes",
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(60));
    },
  });
  expect(await status(post(endless))).toBe(413);
  expect(pulled).toBeLessThan(10);
});

test("receiveBody() refuses by Content-Length before reading", async () => {
  const request = post(chunked(1), { "content-length": "101" });
  expect(await status(request)).toBe(413);
  expect(request.bodyUsed).toBe(false);
});

test("receiveBody() believes the bytes, not a Content-Length below them", async () => {
  const short = { "content-length": "1" };
  expect(await status(post(chunked(60, 41), short))).toBe(413);
  const body = await readBody(post(chunked(60, 40), short), PLAIN, LIMITS);
  expect(body.ok && body.bytes.length).toBe(100);
});

test.each(["", "abc", "-1", "1.5", "0x10"])(
  "readBody() ignores the Content-Length %j",
  async (length) => {
    const request = post(chunked(100), { "content-length": length });
    expect(await status(request)).toBe(200);
  },
);

test("receiveBody() yields what came and inflateBody() what it reads as", async () => {
  const compressed = await compress("y".repeat(1000));
  const received = await receiveBody(post(compressed), LIMITS);
  expect(received).toEqual({ ok: true, bytes: compressed });
  expect(await inflateBody(compressed, GZIP, LIMITS)).toEqual({
    ok: true,
    bytes: new TextEncoder().encode("y".repeat(1000)),
  });
});

test("inflateBody() takes maxInflatedBytes, and not one more", async () => {
  const over = await readBody(
    post(await compress("y".repeat(1001))),
    GZIP,
    LIMITS,
  );
  expect(over).toMatchObject({ ok: false, status: 413 });
  const limits = { maxBodyBytes: 2000, maxInflatedBytes: 1000 };
  const plain = await readBody(post("y".repeat(1000)), PLAIN, limits);
  expect(plain.ok).toBe(true);
  const overPlain = await readBody(post("y".repeat(1001)), PLAIN, limits);
  expect(overPlain).toMatchObject({ ok: false, status: 413 });
});

test("inflateBody() takes no bytes as an empty body, compressed or not", async () => {
  for (const content of [PLAIN, GZIP]) {
    for (const body of [null, "", new Uint8Array()]) {
      const read = await readBody(post(body), content, LIMITS);
      expect(read.ok && read.bytes.length).toBe(0);
    }
  }
});

test("receiveBody() says 400 where the body breaks off", async () => {
  const broken = new ReadableStream({
    type: "bytes",
    pull(controller) {
      controller.error(new Error("connection lost"));
    },
  });
  expect(await readBody(post(broken), PLAIN, LIMITS)).toMatchObject({
    ok: false,
    status: 400,
    reason: expect.stringContaining("connection lost"),
  });
});

test("receiveBody() says 503 where the body has not come in time, and gives it up", async () => {
  let cancelled = false;
  const stalled = new ReadableStream({
    type: "bytes",
    pull: () => new Promise(() => undefined),
    cancel() {
      cancelled = true;
    },
  });
  const limits = { maxBodyBytes: 100, withinMs: 10 };
  expect(await receiveBody(post(stalled), limits)).toMatchObject({
    ok: false,
    status: 503,
    reason: expect.stringContaining("within 10 ms"),
  });
  expect(cancelled).toBe(true);
});

test("receiveBody() gives a body up before its room is taken for lost", () => {
  expect(MAX_RECEIVE_MS + MAX_WAIT_MS + HANDOVER_TIMEOUT_MS)
    .toBeLessThan(MAX_LEASE_MS);
});
