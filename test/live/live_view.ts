import type { LiveEvent, MapChanges } from "../../src/live/live_event.ts";
import { edgeKeyText } from "../../src/live/map_changes.ts";
import type { ServiceMap } from "../../src/query/service_map.ts";

/** What a listener knows of the map: what it was told, put together. */
export class LiveView {
  #map: ServiceMap | null = null;

  /** The map, null before it was told any. */
  get map(): ServiceMap | null {
    return this.#map;
  }

  /** Takes an event as the README says. */
  take(event: LiveEvent): void {
    if (event.event === "map") this.#map = event.data;
    else if (event.event === "edges") {
      if (this.#map === null) throw new Error("Changes came before the map");
      this.#map = changed(this.#map, event.data);
    }
  }
}

function changed(map: ServiceMap, changes: MapChanges): ServiceMap {
  const { nodes, edges, removed_nodes, removed_edges, ...window } = changes;
  const goneNodes = new Set([...removed_nodes, ...nodes.map(({ id }) => id)]);
  const goneEdges = new Set([...removed_edges, ...edges].map(edgeKeyText));
  return {
    nodes: [...map.nodes.filter(({ id }) => !goneNodes.has(id)), ...nodes],
    edges: [
      ...map.edges.filter((edge) => !goneEdges.has(edgeKeyText(edge))),
      ...edges,
    ],
    ...window,
  };
}

/** A map without what moves with the clock alone, in one order. */
export function withoutClock(map: ServiceMap | null): unknown {
  if (map === null) return null;
  const nodes = map.nodes.map((
    { first_seen: _first, last_seen: _last, metadata, ...node },
  ) => {
    const { request_rate: _rate, ...figures } = metadata;
    return { ...node, ...figures };
  });
  const edges = map.edges.map((
    { window_start: _start, window_end: _end, request_rate: _rate, ...edge },
  ) => edge);
  return {
    nodes: inOrder(nodes),
    edges: inOrder(edges),
    warnings: map.warnings,
  };
}

function inOrder(entries: readonly object[]): object[] {
  const texts = entries.map((entry): [string, object] => [
    JSON.stringify(entry),
    entry,
  ]);
  return texts.sort(([a], [b]) => a < b ? -1 : 1).map(([, entry]) => entry);
}
