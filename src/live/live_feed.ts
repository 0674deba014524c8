import type { ServiceMap } from "../query/service_map.ts";
import { changeEvents, mapEvents } from "./cut_events.ts";
import type { LiveEvent } from "./live_event.ts";
import { type LiveMap, selectedMap } from "./live_map.ts";
import { type LiveSelection, selectionKey } from "./live_selection.ts";
import { mapChanges } from "./map_changes.ts";

/**
 * What the listeners have been told of the map: those with one selection the
 * same, worked out once.
 */
export class LiveFeed {
  #views: Map<string, ServiceMap> = new Map();

  /** What a listener is told first: the map as the others know it. */
  join(live: LiveMap, selection: LiveSelection): LiveEvent[] {
    const key = selectionKey(selection);
    const view = this.#views.get(key) ?? selectedMap(live, selection);
    this.#views.set(key, view);
    return mapEvents(view);
  }

  /**
   * What has changed since the last time, by `selectionKey`; a selection that
   * nobody has any more is forgotten, and one that is new has no changes.
   */
  push(
    live: LiveMap,
    selections: Iterable<LiveSelection>,
  ): ReadonlyMap<string, readonly LiveEvent[]> {
    const views = new Map<string, ServiceMap>();
    const events = new Map<string, readonly LiveEvent[]>();
    for (const selection of selections) {
      const key = selectionKey(selection);
      const before = this.#views.get(key);
      if (before === undefined || views.has(key)) continue;
      const after = selectedMap(live, selection);
      views.set(key, after);
      const changes = mapChanges(before, after);
      if (changes !== null) events.set(key, changeEvents(changes));
    }
    this.#views = views;
    return events;
  }

  /** Whether what is at one of these nodes concerns those who selected so. */
  concerns(selection: LiveSelection, nodeIds: readonly string[]): boolean {
    if (selection.service === undefined) return true;
    const view = this.#views.get(selectionKey(selection));
    return view === undefined ||
      view.nodes.some(({ id }) => nodeIds.includes(id));
  }
}
