import { expect, test } from "vitest";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { EventStreamReader } from "../../src/live/event_stream.ts";
import { type LiveEvent, liveEventSchema } from "../../src/live/live_event.ts";
import { SpanKind } from "../../src/map/span_kind.ts";
import { startService } from "../harness/service.ts";
import { temporaryFolder } from "../harness/temporary_folder.ts";
import { LiveView, withoutClock } from "../live/live_view.ts";
import { askMap } from "../truth/ask.ts";
import { encodeBatch } from "../truth/export_batch.ts";
import { makeSpan } from "../truth/make_span.ts";
import { postBatch } from "../truth/post_batches.ts";

/** From the post of a span to the push of its edge: two ticks, on a busy machine, ms. */
const PUSHED_WITHIN_MS = 5000;
const EVENT_LIMIT_MS = 30_000;

/** What a listener knows, however it listens. */
class Knowledge {
  readonly view = new LiveView();
  events = 0;

  take(event: unknown): void {
    this.view.take(liveEventSchema.parse(event));
    this.events++;
  }

  /** Waits until an edge is known; resolves to when, ms since the epoch. */
  async untilEdge(edge: string): Promise<number> {
    await expect.poll(() => this.#edges, {
      timeout: EVENT_LIMIT_MS,
      interval: 10,
    }).toContain(edge);
    return Date.now();
  }

  get #edges(): readonly string[] {
    return this.view.map?.edges.map(({ from, to, request_count }) =>
      `${from} -> ${to}: ${request_count}`
    ) ?? [];
  }
}

/** Listens by an event stream; `ended` settles when the stream breaks off. */
async function streamFrom(url: string) {
  const known = new Knowledge();
  const abort = new AbortController();
  const { signal } = abort;
  const answer = await fetch(`${url}/api/v1/live`, { signal });
  expect(answer.status).toBe(200);
  const reader = new EventStreamReader();
  const decoder = new TextDecoder();
  async function readAll(): Promise<void> {
    for await (const piece of answer.body ?? []) {
      const text = decoder.decode(piece, { stream: true });
      for (const event of reader.read(text)) known.take(event);
    }
  }
  const ended = readAll().catch(() => undefined);
  return { known, ended, stop: () => abort.abort() };
}

/** Listens by a WebSocket, as a browser does. */
async function socketFrom(url: string) {
  const known = new Knowledge();
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/v1/live`, [
    "tracecore.live.v1",
  ]);
  const pongs: unknown[] = [];
  socket.addEventListener("message", ({ data }) => {
    if (data === "pong") pongs.push(data);
    else known.take(JSON.parse(String(data)) as LiveEvent);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  return { known, socket, pongs };
}

/** Posts a call from one service to another; resolves to when, ms. */
async function postCall(
  url: string,
  random: SeededRandom,
  [from, to]: readonly [string, string],
): Promise<number> {
  const caller = makeSpan(random, { service: from, kind: SpanKind.CLIENT });
  const callee = makeSpan(random, {
    service: to,
    kind: SpanKind.SERVER,
    parent: caller,
  });
  for (const span of [caller, callee]) {
    expect(await postBatch(url, encodeBatch([span]))).toBeUndefined();
  }
  return Date.now();
}

test("GET /api/v1/live pushes posted calls within seconds to an event stream and a WebSocket, as GET /api/v1/servicemap has them", async () => {
  const service = await startService();
  const random = new SeededRandom(1);
  const { url } = service;
  try {
    await postCall(url, random, ["web", "cart"]);
    const stream = await streamFrom(url);
    const socket = await socketFrom(url);
    expect(socket.socket.protocol).toBe("tracecore.live.v1");
    for (const { known } of [stream, socket]) {
      await known.untilEdge("web -> cart: 1");
    }
    // The first time, objects are yet to be made.
    for (let round = 2; round < 5; round++) {
      const postedMs = await postCall(url, random, ["web", "cart"]);
      for (const { known } of [stream, socket]) {
        const knownMs = await known.untilEdge(`web -> cart: ${round}`);
        expect(knownMs - postedMs).toBeLessThan(PUSHED_WITHIN_MS);
      }
    }
    for (const { known } of [stream, socket]) {
      await expect.poll(async () => {
        const truth = withoutClock(await askMap(url, {}));
        expect(withoutClock(known.view.map)).toEqual(truth);
        return true;
      }, { timeout: EVENT_LIMIT_MS }).toBe(true);
    }
    socket.socket.send("ping");
    await expect.poll(() => socket.pongs).toEqual(["pong"]);
    stream.stop();
    const closed = new Promise<CloseEvent>((resolve) =>
      socket.socket.addEventListener("close", resolve)
    );
    socket.socket.close(1000);
    expect(await closed).toMatchObject({ code: 1000, wasClean: true });
    expect(service.errors()).toBe("");
  } finally {
    await service.stop();
  }
});

test("GET /api/v1/live tells who comes again after the service was killed the whole map", async () => {
  const dataFolder = temporaryFolder();
  const first = await startService({ dataFolder });
  const random = new SeededRandom(2);
  await postCall(first.url, random, ["web", "cart"]);
  const stream = await streamFrom(first.url);
  const socket = await socketFrom(first.url);
  await stream.known.untilEdge("web -> cart: 1");
  const closed = new Promise((resolve) =>
    socket.socket.addEventListener("close", resolve)
  );
  await first.kill();
  await Promise.all([stream.ended, closed]);

  const second = await startService({ dataFolder, port: first.port });
  try {
    const again = await streamFrom(second.url);
    await again.known.untilEdge("web -> cart: 1");
    await postCall(second.url, random, ["cart", "pay"]);
    await again.known.untilEdge("cart -> pay: 1");
    again.stop();
  } finally {
    await second.stop();
  }
});
