import { expect, test } from "vitest";
import { LiveAudience } from "../../src/live/live_audience.ts";
import type { CloseReason, LiveEvent } from "../../src/live/live_event.ts";
import { LiveFeed } from "../../src/live/live_feed.ts";
import {
  MAX_LISTENERS,
  MAX_LIVE_CONNECTION_S,
} from "../../src/live/live_limits.ts";
import type { Listener } from "../../src/live/listener.ts";
import type { LiveFrame } from "../../src/live/live_frame.ts";
import { mapOf } from "./live_maps.ts";

const NEWS: LiveEvent = {
  event: "close",
  data: { reason: "slow", message: "for all" },
};

/** A listener who notes what it is sent. */
class NotingListener implements Listener {
  readonly info;
  readonly sent: string[] = [];
  ended: CloseReason | null = null;
  isSlow = false;

  constructor(info: Partial<Listener["info"]> = {}) {
    this.info = { selection: {}, keyId: "", sinceMs: 0, ...info };
  }

  begin(frames: readonly LiveFrame[]): void {
    for (const { message } of frames) this.sent.push(message);
  }

  send({ message }: LiveFrame): boolean {
    if (!this.isSlow) this.sent.push(message);
    return !this.isSlow;
  }

  end(_frame: LiveFrame, reason: CloseReason): void {
    this.ended = reason;
  }
}

test("LiveAudience is full with MAX_LISTENERS", () => {
  const audience = new LiveAudience();
  for (let at = 1; at < MAX_LISTENERS; at++) audience.add(new NotingListener());
  expect(audience.isFull).toBe(false);
  const last = new NotingListener();
  audience.add(last);
  expect(audience.isFull).toBe(true);
  audience.remove(last);
  expect(audience.isFull).toBe(false);
});

test("LiveAudience.endOld() ends connections after MAX_LIVE_CONNECTION_S, not before", () => {
  const audience = new LiveAudience();
  const listener = new NotingListener({ sinceMs: 5 });
  audience.add(listener);
  audience.endOld(5 + MAX_LIVE_CONNECTION_S * 1000 - 1, new Set());
  expect(listener.ended).toBe(null);
  audience.endOld(5 + MAX_LIVE_CONNECTION_S * 1000, new Set());
  expect(listener.ended).toBe("lifetime");
  expect(audience.size).toBe(0);
});

test("LiveAudience.endOld() ends those whose key is refused, and no others", () => {
  const audience = new LiveAudience();
  const [none, fine, refused] = ["", "fine", "refused"].map((keyId) => {
    const listener = new NotingListener({ keyId });
    audience.add(listener);
    return listener;
  });
  expect(audience.keyIds).toEqual(new Set(["fine", "refused"]));
  audience.endOld(1, new Set(["refused"]));
  expect([none?.ended, fine?.ended, refused?.ended]).toEqual([
    null,
    null,
    "key",
  ]);
});

test("LiveAudience ends who does not read, and goes on telling the others", () => {
  const audience = new LiveAudience();
  const slow = new NotingListener();
  const other = new NotingListener();
  slow.isSlow = true;
  for (const listener of [slow, other]) audience.add(listener);
  audience.tell(NEWS, { nowMs: 0, concerns: () => true });
  expect([slow.ended, other.ended]).toEqual(["slow", null]);
  expect(other.sent).toHaveLength(1);
  expect(audience.size).toBe(1);
});

test("LiveAudience.begin() tells each the map once", () => {
  const audience = new LiveAudience();
  const feed = new LiveFeed();
  const live = mapOf({ calls: [], spans: [] });
  const first = new NotingListener();
  audience.add(first);
  audience.begin(feed, live);
  const second = new NotingListener();
  audience.add(second);
  audience.begin(feed, live);
  audience.tellMap(feed, mapOf({ calls: [], spans: [] }, 1000));
  expect([first.sent.length, second.sent.length]).toEqual([1, 1]);
  audience.tell(NEWS, { nowMs: 0, concerns: () => false });
  expect([first.sent.length, second.sent.length]).toEqual([1, 1]);
});
