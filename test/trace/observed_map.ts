import { nodeId } from "../../src/map/node_identity.ts";
import {
  emptyWindow,
  type ServiceWindow,
} from "../../src/map/service_window.ts";
import { mergeWindow } from "../../src/map/merge_window.ts";
import { edgeText, type ExpectedMap } from "./brute_force_map.ts";

/** Adds windows up by service, whatever their minute. */
export class ObservedMap {
  readonly #services: Map<string, ServiceWindow> = new Map();

  add(serviceId: string, window: ServiceWindow): void {
    const known = this.#services.get(serviceId) ?? emptyWindow();
    mergeWindow(known, window);
    this.#services.set(serviceId, known);
  }

  /** The sum in the form of the brute force; edges that were undone are out. */
  map(): ExpectedMap {
    const map: ExpectedMap = {
      edges: new Map(),
      unpairedClients: new Map(),
      unpairedServers: new Map(),
      spans: new Map(),
    };
    for (const [id, window] of this.#services) {
      for (const edge of window.edges.values()) {
        if (edge.latency.count === 0) continue;
        const { from, to, connectionType } = edge.key;
        map.edges.set(edgeText(nodeId(from), nodeId(to), connectionType), {
          count: edge.latency.count,
          failed: edge.failed,
          latencyNs: edge.latency.sumNs,
          clientNs: edge.client.sumNs,
          queueNs: edge.queue.sumNs,
        });
      }
      const { counters } = window;
      set(map.unpairedClients, id, counters.unpairedClients);
      set(map.unpairedServers, id, counters.unpairedServers);
      set(map.spans, id, counters.spans);
    }
    return map;
  }

  /** Duplicates counted, over all services. */
  duplicates(): number {
    return [...this.#services.values()]
      .reduce((sum, { counters }) => sum + counters.duplicates, 0);
  }
}

function set(counts: Map<string, number>, id: string, count: number): void {
  if (count !== 0) counts.set(id, count);
}
