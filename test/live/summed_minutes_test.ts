import fc from "fast-check";
import { expect, test } from "vitest";
import type { SourceWindow } from "../../src/history/source_window.ts";
import { SummedMinutes } from "../../src/live/summed_minutes.ts";
import { nodeId } from "../../src/map/node_identity.ts";
import { buildServiceGraph } from "../../src/query/service_graph.ts";
import { serviceMap } from "../../src/query/service_map.ts";
import {
  NOW_MS,
  observedArbitrary,
  windowsOf,
} from "../query/observed_calls.ts";

const WINDOW = { startMs: 0, endMs: NOW_MS, nowMs: NOW_MS, warnings: [] };

function mapOf(
  windows: readonly SourceWindow[],
  summed: readonly SourceWindow[] = windows,
) {
  const graph = buildServiceGraph(windows, NOW_MS, { summed });
  return serviceMap(graph, {}, WINDOW);
}

test("SummedMinutes are the same map, whichever of them change, come and go", () => {
  fc.assert(fc.property(
    fc.array(observedArbitrary, { minLength: 2, maxLength: 4 }),
    fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(30)), { maxLength: 6 }),
    (versions, steps) => {
      const sums = new Map<string, SummedMinutes>();
      for (const [version, other, share] of [[0, 1, 0] as const, ...steps]) {
        // Some windows of one version, the others of another.
        const windows = [version, other].flatMap((at, side) =>
          byService(versions[at % versions.length], side === 0, share)
        );
        const summed = [
          ...Map.groupBy(windows, ({ service }) => nodeId(service)),
        ].flatMap(([id, own]) => {
          const known = sums.get(id) ?? new SummedMinutes();
          sums.set(id, known);
          const minutes = own.toSorted((a, b) => a.startS - b.startS);
          return known.of(minutes);
        });
        expect(mapOf(windows, summed)).toEqual(mapOf(windows));
      }
    },
  ));
});

/** The windows that start before a share of all, or the others. */
function byService(
  observed: Parameters<typeof windowsOf>[0] | undefined,
  isBefore: boolean,
  share: number,
): SourceWindow[] {
  const { calls, spans } = observed ?? { calls: [], spans: [] };
  const windows = windowsOf({ calls, spans })
    .toSorted((a, b) => a.startS - b.startS);
  const edge = windows[Math.floor(windows.length * share / 30)]?.startS ??
    Infinity;
  return windows.filter(({ startS }) => (startS < edge) === isBefore);
}
