import { expect, test } from "vitest";
import {
  InFlight,
  MAX_BUFFERED_BYTES,
  MAX_IN_FLIGHT,
} from "../../src/gateway/in_flight.ts";

const LIMITS = { requests: MAX_IN_FLIGHT, bytes: MAX_BUFFERED_BYTES };

test("InFlight takes MAX_IN_FLIGHT requests, and not one more", () => {
  const inFlight = new InFlight(LIMITS);
  const releases = Array.from(
    { length: MAX_IN_FLIGHT },
    () => inFlight.take(1),
  );
  expect(releases).not.toContain(null);
  expect(inFlight.take(0)).toBe(null);
  releases[0]?.();
  releases[0]?.();
  expect(inFlight.take(0)).not.toBe(null);
  expect(inFlight.take(0)).toBe(null);
});

test("InFlight takes MAX_BUFFERED_BYTES, and not one more", () => {
  const inFlight = new InFlight(LIMITS);
  const release = inFlight.take(MAX_BUFFERED_BYTES);
  expect(inFlight.take(1)).toBe(null);
  expect(inFlight.take(0)).not.toBe(null);
  release?.();
  expect(inFlight.take(MAX_BUFFERED_BYTES + 1)).toBe(null);
  expect(inFlight.bytes).toBe(0);
});
