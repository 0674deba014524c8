import { expect, test } from "vitest";
import { LiveFrame } from "../../../src/live/live_frame.ts";
import { MAX_WAITING_EVENT_BYTES } from "../../../src/live/live_limits.ts";
import { SocketListener } from "../../../src/live/socket_listener.ts";

const INFO = { selection: {}, keyId: "", sinceMs: 0 };

/** An event of so many bytes as a message. */
function frameOf(bytes: number): LiveFrame {
  const data = { reason: "slow" as const, message: "" };
  const empty = new LiveFrame({ event: "close", data }, 0).message.length;
  const message = "x".repeat(bytes - empty);
  return new LiveFrame({ event: "close", data: { ...data, message } }, 0);
}

/** A listener, and the number of bytes that its client got. */
function openSocket() {
  const { 0: client, 1: server } = new WebSocketPair();
  let pingedMs: number | null = null;
  let bytes = 0;
  client.addEventListener("message", ({ data }) => {
    bytes += String(data).length;
  });
  client.accept();
  server.accept();
  const listener = SocketListener.begin(
    { socket: server, pingedMs: () => pingedMs },
    INFO,
  );
  return {
    server,
    listener,
    received: () => bytes,
    ping: (atMs: number) => pingedMs = atMs,
  };
}

test("SocketListener.send() sends MAX_WAITING_EVENT_BYTES without a ping, and not one more", async () => {
  const { listener, received, ping } = openSocket();
  // The map does not count.
  listener.begin([frameOf(1000)]);
  const part = MAX_WAITING_EVENT_BYTES / 4;
  for (let sent = 0; sent < 3; sent++) {
    expect(listener.send(frameOf(part))).toBe(true);
  }
  expect(listener.send(frameOf(part))).toBe(true);
  ping(1);
  expect(listener.send(frameOf(part))).toBe(true);
  expect(listener.send(frameOf(3 * part))).toBe(true);
  expect(listener.send(frameOf(100))).toBe(false);
  ping(2);
  expect(listener.send(frameOf(100))).toBe(true);
  await expect.poll(received).toBe(1000 + 8 * part + 100);
});

test("SocketListener.resume() is the listener that the socket was begun with", () => {
  const { server } = openSocket();
  const name = "é€".repeat(512);
  const info = { selection: { service: name }, keyId: "key", sinceMs: 5 };
  const live = { socket: server, pingedMs: () => null };
  SocketListener.begin(live, info);
  expect(SocketListener.resume(live).info).toEqual(info);
});
