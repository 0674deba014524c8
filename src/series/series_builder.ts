import { nodeId, type NodeIdentity } from "../map/node_identity.ts";
import type { ScannedEdge, ScannedWindow } from "../map/scan_window.ts";
import { GrowingEdge } from "./growing_edge.ts";
import { type EdgeName, HOUR_MINUTES } from "./hour_series.ts";
import { decodeHourSeries } from "./hour_series_codec.ts";
import {
  emptyRequests,
  type MapSeries,
  MAX_SERIES_EDGE_MINUTES,
  MAX_SERIES_EDGES,
  MAX_SERIES_MINUTES,
  type RequestSeries,
  total,
} from "./map_series.ts";
import { setRequests } from "./set_minute.ts";

const S_PER_MINUTE = 60;

/** One minute of one service. */
export interface ServiceMinute {
  readonly service: NodeIdentity;
  /** Start, s since the epoch. */
  readonly startS: number;
  readonly window: ScannedWindow;
}

/** One hour of one service, as it was stored. */
export interface ServiceHour {
  readonly service: NodeIdentity;
  /** Start, s since the epoch. */
  readonly startS: number;
  /** What `encodeHourSeries` made. */
  readonly body: Uint8Array;
  /** Whether a minute, s since the epoch, is added otherwise. */
  readonly isLeftOut: (minuteS: number) => boolean;
}

/** Edges beyond the limit that are held until the quietest are let go. */
const EDGES_BEYOND = 100;

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

  /** Adds a minute; one outside of the series is left out. */
  add({ service, startS, window }: ServiceMinute): void {
    const minute = Math.floor((startS - this.#startS) / S_PER_MINUTE);
    if (minute < 0 || minute >= this.#minutes) return;
    const { entries, roots } = this.#serviceOf(nodeId(service));
    setRequests(entries, { minute, requests: window.entries });
    setRequests(roots, { minute, requests: window.roots });
    for (const edge of window.edges) this.#addEdge(minute, edge);
  }

  #addEdge(minute: number, edge: ScannedEdge): void {
    if (this.#left.has(edge.id)) return;
    this.#edgeOf(edge).add(minute, edge);
    if (this.#edges.size > this.#maxEdges + EDGES_BEYOND) this.#letGo();
  }

  #edgeOf(name: EdgeName): GrowingEdge {
    const known = this.#edges.get(name.id);
    if (known !== undefined) return known;
    const edge = new GrowingEdge(name, this.#minutes);
    this.#edges.set(name.id, edge);
    return edge;
  }

  /**
   * Adds an hour.
   *
   * @throws {RangeError} Where its bytes are not an hour; then some of it may
   *   have been added.
   */
  addHour({ service, startS, body, isLeftOut }: ServiceHour): void {
    const first = Math.floor((startS - this.#startS) / S_PER_MINUTE);
    const places = Int32Array.from({ length: HOUR_MINUTES }, (_, at) => {
      const minute = first + at;
      const isInside = minute >= 0 && minute < this.#minutes;
      return isInside && !isLeftOut(startS + at * S_PER_MINUTE) ? minute : -1;
    });
    const { entries, roots } = this.#serviceOf(nodeId(service));
    const grown: GrowingEdge[] = [];
    decodeHourSeries(body, {
      entries,
      roots,
      places,
      edge: (name) => {
        if (this.#left.has(name.id)) return null;
        const growing = this.#edgeOf(name);
        grown.push(growing);
        return growing;
      },
    });
    const added = places.filter((place) => place >= 0);
    for (const edge of grown) edge.countHour(added);
    if (this.#edges.size > this.#maxEdges + EDGES_BEYOND) this.#letGo();
  }

  // One that is let go does not come back, or it would begin in the middle.
  #letGo(): void {
    for (const { id } of this.#busiest().slice(this.#maxEdges)) {
      this.#edges.delete(id);
      this.#left.add(id);
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
      .slice(0, this.#maxEdges);
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
