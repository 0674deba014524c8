import type { ScannedEdge } from "../map/scan_window.ts";
import type { ConnectionType } from "../map/service_window.ts";
import { type EdgeName, setFigures } from "./hour_series.ts";
import type { HourEdgeTarget } from "./hour_series_codec.ts";
import {
  type EdgeFigures,
  type EdgeSeries,
  emptyLatency,
  emptyRequests,
  type LatencySeries,
  type RequestSeries,
} from "./map_series.ts";

/**
 * An edge of which minutes and hours are added. How many requests there were is
 * known at once; of an hour, all else is read when it is first asked for: a
 * report looks at a few edges closely, and at all others hardly.
 */
export class GrowingEdge implements EdgeSeries, HourEdgeTarget {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly connectionType: ConnectionType;
  readonly callCount: Float32Array;
  readonly clientCount: Float32Array;
  readonly calls: RequestSeries;
  readonly client: LatencySeries;
  /** Weighted calls of all minutes. */
  requests = 0;
  #figures: EdgeFigures | null = null;
  #unread: ((into: EdgeFigures) => void)[] = [];

  constructor(
    { id, from, to, connectionType }: EdgeName,
    minutes: number,
  ) {
    this.id = id;
    this.from = from;
    this.to = to;
    this.connectionType = connectionType;
    this.callCount = new Float32Array(minutes);
    this.clientCount = new Float32Array(minutes);
    const read = (): EdgeFigures => this.#read();
    this.calls = new LateRequests(this.callCount, () => read().calls);
    this.client = new LateLatency(this.clientCount, () => read().client);
  }

  /** Adds a minute. */
  add(minute: number, edge: ScannedEdge): void {
    this.requests += edge.latency.count;
    setFigures(this.#written(), minute, edge);
  }

  /** Counts the calls of an hour that was added, at these minutes. */
  countHour(minutes: Int32Array): void {
    let { requests } = this;
    for (let at = 0; at < minutes.length; at++) {
      requests += this.callCount[minutes[at] ?? 0] ?? 0;
    }
    this.requests = requests;
  }

  /** Takes what reads an hour whose requests are counted. */
  later(read: (into: EdgeFigures) => void): void {
    this.#unread.push(read);
  }

  #read(): EdgeFigures {
    const figures = this.#written();
    for (const read of this.#unread) read(figures);
    this.#unread = [];
    return figures;
  }

  #written(): EdgeFigures {
    const minutes = this.callCount.length;
    return this.#figures ??= {
      calls: { ...emptyRequests(minutes), count: this.callCount },
      client: { ...emptyLatency(minutes), count: this.clientCount },
    };
  }
}

class LateLatency implements LatencySeries {
  readonly count: Float32Array;
  readonly #read: () => LatencySeries;

  constructor(count: Float32Array, read: () => LatencySeries) {
    this.count = count;
    this.#read = read;
  }

  get sumNs(): Float32Array {
    return this.#read().sumNs;
  }

  get p50(): Float32Array {
    return this.#read().p50;
  }

  get p95(): Float32Array {
    return this.#read().p95;
  }

  get p99(): Float32Array {
    return this.#read().p99;
  }
}

class LateRequests extends LateLatency implements RequestSeries {
  readonly #readFailed: () => RequestSeries;

  constructor(count: Float32Array, read: () => RequestSeries) {
    super(count, read);
    this.#readFailed = read;
  }

  get failed(): Float32Array {
    return this.#readFailed().failed;
  }
}
