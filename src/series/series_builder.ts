import { nodeId, type NodeIdentity } from "../map/node_identity.ts";
import type { ServiceWindow } from "../map/service_window.ts";
import { edgeId } from "../map/window_entries.ts";
import {
  type EdgeSeries,
  emptyLatency,
  emptyRequests,
  type MapSeries,
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

interface GrowingService {
  readonly entries: RequestSeries;
  readonly roots: RequestSeries;
}

/** Puts minutes of services together, in any order, each minute once. */
export class SeriesBuilder {
  readonly #startS: number;
  readonly #minutes: number;
  readonly #edges: Map<string, EdgeSeries> = new Map();
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
  }

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
    for (const { key, failed, latency, client } of window.edges.values()) {
      const id = edgeId(key);
      let edge = this.#edges.get(id);
      if (edge === undefined) {
        edge = {
          id,
          from: nodeId(key.from),
          to: nodeId(key.to),
          connectionType: key.connectionType,
          calls: emptyRequests(this.#minutes),
          client: emptyLatency(this.#minutes),
        };
        this.#edges.set(id, edge);
      }
      setRequests(edge.calls, { minute, latency, failed });
      setLatency(edge.client, { minute, latency: client });
    }
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
   * All that was added. Edges without requests are left out, and beyond
   * `MAX_SERIES_EDGES` those with fewest.
   */
  series(): MapSeries {
    const edges = [...this.#edges.values()]
      .map((edge) => ({ edge, requests: total(edge.calls.count) }))
      .filter(({ requests }) => requests > 0)
      .toSorted((a, b) => b.requests - a.requests)
      .slice(0, MAX_SERIES_EDGES)
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
