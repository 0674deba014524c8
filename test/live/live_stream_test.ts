import { expect, test } from "vitest";
import { HEARTBEAT, STREAM_HEAD } from "../../src/live/event_stream.ts";
import { MAX_WAITING_EVENT_BYTES } from "../../src/live/live_limits.ts";
import { LiveStream } from "../../src/live/live_stream.ts";

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function textOf(stream: LiveStream): Promise<string> {
  return new Response(stream.body).text();
}

test("LiveStream sends what it is given in order, then ends", async () => {
  const stream = new LiveStream({ onGone: () => undefined });
  stream.begin([encode("map "), encode("more ")]);
  expect(stream.send(encode("event "))).toBe(true);
  const text = textOf(stream);
  await Promise.resolve();
  expect(stream.send(encode("late "))).toBe(true);
  await Promise.resolve();
  stream.send(encode("last"));
  setTimeout(() => stream.end(encode(" close")), 0);
  expect(await text).toBe(`${STREAM_HEAD}map more event late last close`);
});

test("LiveStream.send() holds MAX_WAITING_EVENT_BYTES for a slow reader, and not one more", async () => {
  const stream = new LiveStream({ onGone: () => undefined });
  // The map does not count.
  stream.begin([new Uint8Array(MAX_WAITING_EVENT_BYTES)]);
  expect(stream.send(new Uint8Array(MAX_WAITING_EVENT_BYTES))).toBe(true);
  expect(stream.send(new Uint8Array(1))).toBe(false);
  stream.end(encode("too slow"));
  expect(await textOf(stream)).toBe("too slow");
});

test("LiveStream.send() has room again for what was read", async () => {
  const stream = new LiveStream({
    onGone: () => undefined,
    maxWaitingBytes: 4,
  });
  const reader = stream.body.getReader();
  await reader.read();
  for (let time = 0; time < 10; time++) {
    expect(stream.send(encode("1234"))).toBe(true);
    expect(stream.send(encode("5"))).toBe(false);
    expect((await reader.read()).value).toEqual(encode("1234"));
  }
});

test("LiveStream.beat() shows that it lives, where nothing else does", async () => {
  const stream = new LiveStream({ onGone: () => undefined });
  const reader = stream.body.getReader();
  stream.beat();
  expect((await reader.read()).value).toEqual(encode(STREAM_HEAD));
  stream.beat();
  stream.beat();
  expect((await reader.read()).value).toEqual(encode(HEARTBEAT));
});

test("LiveStream says when its client has gone, and takes nothing more", async () => {
  let gone = 0;
  const stream = new LiveStream({ onGone: () => gone++ });
  const reader = stream.body.getReader();
  await reader.read();
  await reader.cancel();
  expect(gone).toBe(1);
  stream.beat();
  stream.end(encode("late"));
  expect(gone).toBe(1);
});
