import fc from "fast-check";
import { expect, test } from "vitest";
import { LiveFeed } from "../../src/live/live_feed.ts";
import {
  type LiveSelection,
  selectionKey,
} from "../../src/live/live_selection.ts";
import { serviceMap } from "../../src/query/service_map.ts";
import {
  type Observed,
  observedArbitrary,
  SERVICES,
} from "../query/observed_calls.ts";
import { mapOf } from "./live_maps.ts";
import { LiveView, withoutClock } from "./live_view.ts";

const selectionArbitrary: fc.Arbitrary<LiveSelection> = fc.oneof(
  fc.constant({}),
  fc.record({
    service: fc.constantFrom(...SERVICES.map(({ name }) => name), "postgres"),
    depth: fc.constantFrom(undefined, 1, 2),
    direction: fc.constantFrom(undefined, "up", "down", "both"),
  }),
);

/** Part of what was observed: as if the rest had left, or is yet to come. */
function someOf({ calls, spans }: Observed, shares: readonly boolean[]) {
  const isIn = (_: unknown, at: number) => shares[at % shares.length] ?? true;
  return { calls: calls.filter(isIn), spans: spans.filter(isIn) };
}

test("LiveFeed tells whoever applies it the map that GET /api/v1/servicemap answers with", () => {
  fc.assert(fc.property(
    observedArbitrary,
    fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }), {
      minLength: 1,
      maxLength: 5,
    }),
    fc.array(selectionArbitrary, { minLength: 1, maxLength: 4 }),
    (observed, steps, selections) => {
      const feed = new LiveFeed();
      const begun = mapOf({ calls: [], spans: [] });
      const listeners = selections.map((selection) => {
        const view = new LiveView();
        for (const event of feed.join(begun, selection)) view.take(event);
        return { selection, view };
      });
      for (const [at, shares] of steps.entries()) {
        const live = mapOf(someOf(observed, shares), 1000 * (at + 1));
        const told = feed.push(live, selections);
        for (const { selection, view } of listeners) {
          for (const event of told.get(selectionKey(selection)) ?? []) {
            view.take(event);
          }
          const { graph, plan } = live;
          expect(withoutClock(view.map)).toEqual(
            withoutClock(serviceMap(graph, selection, plan.window)),
          );
        }
        // One who comes now knows the same.
        for (const { selection, view } of listeners) {
          const late = new LiveView();
          for (const event of feed.join(live, selection)) late.take(event);
          expect(withoutClock(late.map)).toEqual(withoutClock(view.map));
        }
      }
    },
  ));
});

test("LiveFeed.push() says nothing while only the clock moves", () => {
  fc.assert(fc.property(observedArbitrary, (observed) => {
    const feed = new LiveFeed();
    feed.join(mapOf(observed), {});
    expect([...feed.push(mapOf(observed, 1000), [{}])]).toEqual([]);
  }));
});

test("LiveFeed.concerns() is of the part of the map that is shown", () => {
  fc.assert(fc.property(observedArbitrary, (observed) => {
    const feed = new LiveFeed();
    const live = mapOf(observed);
    const selection = { service: "web" };
    feed.join(live, selection);
    const shown = serviceMap(live.graph, selection, live.plan.window).nodes;
    for (const { id } of live.map.nodes) {
      expect(feed.concerns({}, [id])).toBe(true);
      expect(feed.concerns(selection, [id]))
        .toBe(shown.some((node) => node.id === id));
    }
  }));
});
