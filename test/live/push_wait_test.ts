import { expect, test } from "vitest";
import { PUSH_MS } from "../../src/live/live_limits.ts";
import {
  edgeMinutes,
  MAX_EDGE_MINUTES_PER_PUSH,
  pushWaitMs,
} from "../../src/live/push_wait.ts";
import { windowsOf } from "../query/observed_calls.ts";

test("pushWaitMs() is a second up to MAX_EDGE_MINUTES_PER_PUSH, and more with one more", () => {
  expect(pushWaitMs(0)).toBe(PUSH_MS);
  expect(pushWaitMs(MAX_EDGE_MINUTES_PER_PUSH)).toBe(PUSH_MS);
  expect(pushWaitMs(MAX_EDGE_MINUTES_PER_PUSH + 1)).toBeGreaterThan(PUSH_MS);
});

test("edgeMinutes() counts an edge once for each window that has it", () => {
  const key = {
    from: { namespace: "", name: "mail", environment: "" },
    to: { namespace: "", name: "postgres", environment: "" },
    connectionType: "database",
    system: "",
    destination: "",
  } as const;
  const call = {
    key,
    durationNs: 1e6,
    clientNs: null,
    failed: false,
    weight: 1,
    corrected: false,
  };
  const lastS = 86_400 + 7 * 3600;
  const calls = [lastS, lastS + 1, lastS + 120].map((atS) => ({
    ...call,
    atS,
  }));
  expect(edgeMinutes(windowsOf({ calls, spans: [] }))).toBe(2);
});
