import fc from "fast-check";
import { expect, test } from "vitest";
import { MINUTE_S } from "../../src/history/window_range.ts";
import { MAX_LIVE_WINDOWS } from "../../src/live/live_limits.ts";
import { LiveWindows } from "../../src/live/live_windows.ts";
import { virtualNode } from "../../src/map/node_identity.ts";
import {
  emptyWindow,
  type ServiceWindow,
} from "../../src/map/service_window.ts";
import { encodeWindow } from "../../src/map/service_window_codec.ts";

const ALL = [{ resolution: MINUTE_S, fromS: 0, toS: 1e9 }] as const;

/** A window that can be told from others. */
function windowOf(spans: number): ServiceWindow {
  const window = emptyWindow();
  window.counters.spans = spans;
  return window;
}

function told(service: string, minute: number, revision: number) {
  const { summary } = encodeWindow(windowOf(revision));
  const startS = minute * MINUTE_S;
  return { service, minutes: [{ startS, revision, summary }] };
}

function held(windows: LiveWindows): Map<string, number> {
  return new Map(
    windows.within(ALL).minutes.map(({ service, startS, window }) => [
      `${service.name} ${startS / MINUTE_S}`,
      window.counters.spans,
    ]),
  );
}

test("LiveWindows holds the newest of each minute, in whatever order it is told", () => {
  const telling = fc.record({
    service: fc.constantFrom("web", "cart"),
    minute: fc.nat(2),
    revision: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(fc.property(fc.array(telling), (tellings) => {
    const windows = new LiveWindows();
    const newest = new Map<string, number>();
    for (const { service, minute, revision } of tellings) {
      windows.tell([told(service, minute, revision)]);
      const key = `${service} ${minute}`;
      newest.set(key, Math.max(newest.get(key) ?? 0, revision));
    }
    expect(held(windows)).toEqual(newest);
    expect(windows.size).toBe(newest.size);
  }));
});

test("LiveWindows.load() replaces all but what was told since the loading began", () => {
  const windows = new LiveWindows();
  windows.tell([told("web", 1, 5), told("cart", 1, 5)]);
  windows.beginLoading();
  windows.tell([told("cart", 1, 6)]);
  const loaded = (name: string) => ({
    service: virtualNode(name),
    resolution: MINUTE_S,
    startS: MINUTE_S,
    window: windowOf(1),
  });
  windows.load([loaded("cart"), loaded("pay")]);
  expect(held(windows)).toEqual(new Map([["cart 1", 6], ["pay 1", 1]]));
  windows.tell([told("pay", 1, 2)]);
  expect(held(windows).get("pay 1")).toBe(2);
});

test("LiveWindows.within() forgets what is before, and leaves out what is after", () => {
  const windows = new LiveWindows();
  windows.tell([told("web", 1, 1), told("web", 2, 2), told("web", 3, 3)]);
  const range = { resolution: MINUTE_S, fromS: 120, toS: 180 } as const;
  expect(windows.within([range]).minutes.map(({ startS }) => startS)).toEqual([
    120,
  ]);
  expect(windows.size).toBe(2);
});

test("LiveWindows holds MAX_LIVE_WINDOWS minutes, and not one more", () => {
  const windows = new LiveWindows();
  for (let minute = 0; minute < MAX_LIVE_WINDOWS; minute++) {
    windows.tell([told("web", minute, 1)]);
  }
  expect(windows.size).toBe(MAX_LIVE_WINDOWS);
  windows.tell([told("cart", 0, 1)]);
  expect(windows.size).toBe(MAX_LIVE_WINDOWS);
  // One that is held goes on being told.
  windows.tell([told("web", 0, 2)]);
  expect(held(windows).get("web 0")).toBe(2);
});
