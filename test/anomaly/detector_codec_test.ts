import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeDetector,
  encodeDetector,
} from "../../src/anomaly/detector_codec.ts";
import { emptyDetector } from "../../src/anomaly/detector_state.ts";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import { drawnNature, type Fault, Traffic } from "./traffic.ts";
import { WatchedTraffic } from "./watch_traffic.ts";

test("decodeDetector() of encodeDetector() is the same, and goes on the same", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 0, max: 250 }),
      (seed, minutes) => {
        const random = new SeededRandom(seed);
        const nature = drawnNature(random);
        const traffic = new Traffic(nature, random);
        const fault: Fault = {
          callee: "callee 0",
          from: 80,
          to: 200,
          errors: 0.3,
        };
        const watch = new WatchedTraffic();
        for (let minute = 0; minute < minutes; minute++) {
          watch.judge(minute, traffic.next([fault]));
        }
        const other = new WatchedTraffic();
        other.state = decodeDetector(encodeDetector(watch.state));
        expect(other.state).toEqual(watch.state);
        for (let minute = minutes; minute < minutes + 10; minute++) {
          const window = traffic.next([fault]);
          watch.judge(minute, window);
          other.judge(minute, window);
        }
        expect(other.state).toEqual(watch.state);
      },
    ),
    { numRuns: 6, seed: 7 },
  );
});

test("decodeDetector() refuses another version and bytes that are cut short", () => {
  const bytes = encodeDetector(emptyDetector());
  expect(() => decodeDetector(bytes.subarray(0, -1))).toThrow(RangeError);
  bytes[0] = 9;
  expect(() => decodeDetector(bytes)).toThrow('version "9"');
});
