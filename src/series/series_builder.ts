import { nodeId, type NodeIdentity } from "../map/node_identity.ts";
import type { EdgeStats, ServiceWindow } from "../map/service_window.ts";
import { edgeId } from "../map/window_entries.ts";
import {
  type EdgeSeries,
  emptyLatency,
  emptyRequests,
  type MapSeries,
  MAX_SERIES_EDGE_MINUTES,
  MAX_SERIES_EDGES,
  MAX_SERIES_MINUTES,
  type RequestSeries,
} from "./map_series.ts";
import { setLatency, setRequests } from "./set_minute.ts";

const S_PER_MINUTE = 60;

/** One minute of one service. */
export interface ServiceMinute {
  readonly service: NodeIdentity;
  /** Start, s since the epoch. */
  readonly startS: number;
  readonly window: ServiceWindow;
}

/** Edges beyond the limit that are held until the quietest are let go. */
const EDGES_BEYOND = 100;

interface GrowingEdge {
  readonly edge: EdgeSeries;
  requests: number;
}

interface GrowingService {
  readonly entries: RequestSeries;
  readonly roots: RequestSeries;
}

/** Puts minutes of services together, in any order, each minute once. */
export class SeriesBuilder {
  readonly #startS: number;
  readonly #minutes: number;
  readonly #maxEdges: number;
  readonly #edges: Map<string, GrowingEdge> = new Map();
  readonly #left: Set<string> = new Set();
  readonly #services: Map<string, GrowingService> = new Map();

  /**
   * @throws {RangeError} Where there are more than `MAX_SERIES_MINUTES`.
   */
  constructor({ startS, minutes }: Pick<MapSeries, "startS" | "minutes">) {
    if (minutes > MAX_SERIES_MINUTES) {
      throw new RangeError(
        `Cannot make a series of ${minutes} minutes: ${MAX_SERIES_MINUTES} ` +
          "are the most",
      );
    }
    this.#startS = startS;
    this.#minutes = minutes;
    this.#maxEdges = Math.min(
      MAX_SERIES_EDGE_MINUTES,
      MAX_SERIES_EDGES,
      Math.floor(MAX_SERIES_EDGE_MINUTES / Math.max(1, minutes)),
    );
  }

  /** Minutes of edges that were read, whether or not they are kept. */
  edgeMinutes = 0;

  /** Adds a minute; one outside of the series is left out. */
  add({ service, startS, window }: ServiceMinute): void {
    const minute = Math.floor((startS - this.#startS) / S_PER_MINUTE);
    if (minute < 0 || minute >= this.#minutes) return;
    const { entries, roots } = this.#serviceOf(nodeId(service));
    for (
      const [series, { failed, duration }] of [
        [entries, window.entries],
        [roots, window.roots],
      ] as const
    ) setRequests(series, { minute, latency: duration, failed });
    for (const stats of window.edges.values()) this.#addEdge(minute, stats);
  }

  #addEdge(minute: number, { key, failed, latency, client }: EdgeStats): void {
    this.edgeMinutes++;
    const id = edgeId(key);
    if (this.#left.has(id)) return;
    let growing = this.#edges.get(id);
    if (growing === undefined) {
      const edge = {
        id,
        from: nodeId(key.from),
        to: nodeId(key.to),
        connectionType: key.connectionType,
        calls: emptyRequests(this.#minutes),
        client: emptyLatency(this.#minutes),
      };
      growing = { edge, requests: 0 };
      this.#edges.set(id, growing);
    }
    growing.requests += latency.count;
    setRequests(growing.edge.calls, { minute, latency, failed });
    setLatency(growing.edge.client, { minute, latency: client });
    if (this.#edges.size > this.#maxEdges + EDGES_BEYOND) this.#letGo();
  }

  // One that is let go does not come back, or it would begin in the middle.
  #letGo(): void {
    for (const { edge } of this.#busiest().slice(this.#maxEdges)) {
      this.#edges.delete(edge.id);
      this.#left.add(edge.id);
    }
  }

  #busiest(): readonly GrowingEdge[] {
    return [...this.#edges.values()]
      .toSorted((a, b) => b.requests - a.requests);
  }

  #serviceOf(id: string): GrowingService {
    const known = this.#services.get(id);
    if (known !== undefined) return known;
    const service = {
      entries: emptyRequests(this.#minutes),
      roots: emptyRequests(this.#minutes),
    };
    this.#services.set(id, service);
    return service;
  }

  /**
   * All that was added. Edges without requests are left out, and where there
   * are too many those with fewest.
   */
  series(): MapSeries {
    const edges = this.#busiest()
      .filter(({ requests }) => requests > 0)
      .slice(0, this.#maxEdges)
      .map(({ edge }) => edge);
    const services = Array.from(this.#services, ([id, { entries, roots }]) => ({
      id,
      requests: total(entries.count) > 0 ? entries : roots,
    }));
    return {
      startS: this.#startS,
      minutes: this.#minutes,
      edges,
      services: services.filter(({ requests }) => total(requests.count) > 0),
    };
  }
}

function total(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
