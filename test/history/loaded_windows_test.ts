import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  LoadedWindows,
  MAX_LOADED_WINDOWS,
} from "../../src/history/loaded_windows.ts";
import { virtualNode } from "../../src/map/node_identity.ts";
import { emptyWindow } from "../../src/map/service_window.ts";
import { mergeWindow } from "../../src/map/merge_window.ts";
import { figures, record } from "../aggregate/delta_events.ts";

function windowAt(startS: number) {
  const window = emptyWindow();
  record(window, {
    minuteS: startS,
    name: "cart",
    durationNs: startS,
    weight: 1,
    failed: false,
    traceId: `${startS}`,
  });
  return { service: virtualNode("web"), resolution: 60, startS, window };
}

test("LoadedWindows keeps MAX_LOADED_WINDOWS apart and adds up one more", () => {
  const loaded = new LoadedWindows();
  for (let at = 0; at < MAX_LOADED_WINDOWS; at++) loaded.add(windowAt(at * 60));
  expect(loaded.all()).toHaveLength(MAX_LOADED_WINDOWS);
  loaded.add(windowAt(MAX_LOADED_WINDOWS * 60));
  expect(loaded.all()).toHaveLength(1);
  expect(loaded.all()[0]).toMatchObject({
    startS: 0,
    resolution: (MAX_LOADED_WINDOWS + 1) * 60,
  });
});

test("LoadedWindows counts all windows of each service, however many", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 * MAX_LOADED_WINDOWS }),
      (count) => {
        const loaded = new LoadedWindows();
        const truth = emptyWindow();
        for (let at = 0; at < count; at++) {
          loaded.add(windowAt(at * 60));
          loaded.add({ ...windowAt(at * 60), service: virtualNode("mail") });
          mergeWindow(truth, windowAt(at * 60).window);
        }
        for (const name of ["web", "mail"]) {
          const sum = emptyWindow();
          for (const { service, window } of loaded.all()) {
            if (service.name === name) mergeWindow(sum, window);
          }
          expect(figures(sum)).toEqual(figures(truth));
        }
        expect(loaded.all().length).toBeLessThanOrEqual(MAX_LOADED_WINDOWS + 2);
      },
    ),
    { numRuns: 5 },
  );
});
