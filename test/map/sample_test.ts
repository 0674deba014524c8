import { expect, test } from "vitest";
import { keepSample, type Sample, SAMPLES_KEPT } from "../../src/map/sample.ts";

test("keepSample() keeps SAMPLES_KEPT traces of each sort, and of one more the slowest", () => {
  const kept: Sample[] = [];
  for (let ms = 1; ms <= SAMPLES_KEPT; ms++) {
    for (const failed of [false, true]) {
      keepSample(kept, { traceId: `${ms}`, durationNs: ms, failed, endMs: 0 });
    }
  }
  expect(kept.length).toBe(2 * SAMPLES_KEPT);
  const more = { traceId: "more", durationNs: 9, failed: true, endMs: 0 };
  keepSample(kept, more);
  expect(kept.length).toBe(2 * SAMPLES_KEPT);
  expect(kept).toContainEqual(more);
  expect(kept.filter(({ traceId }) => traceId === "1").length).toBe(1);
});
