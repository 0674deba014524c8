import { readHistory } from "../history/read_history.ts";
import { readHours, type StoredHour } from "../history/read_hours.ts";
import { type HistoryBindings, readObject } from "../history/read_object.ts";
import {
  ceilTo,
  floorTo,
  HOUR_S,
  MINUTE_S,
  type WindowRange,
} from "../history/window_range.ts";
import { nodeId, type NodeIdentity } from "../map/node_identity.ts";
import { scanWindow } from "../map/scan_window.ts";
import type { MapSeries } from "./map_series.ts";
import { SeriesBuilder } from "./series_builder.ts";

/** Objects that are asked at the same time. */
const CONCURRENT_OBJECTS = 32;

/** Hours that are read at a time, the newest first, s: some MB of them. */
const CHUNK_S = 6 * HOUR_S;
/**
 * Minutes of edges that are read for what is usual, where they are not there as
 * hours: some 5 microseconds each where edges are busy. What has to be there
 * is read in any case.
 */
export const MAX_READ_EDGE_MINUTES = 250_000;

/** Which minutes of which services. */
export interface SeriesRequest {
  readonly tenant: string;
  readonly services: readonly NodeIdentity[];
  /** s since the epoch; widened to whole minutes. */
  readonly startS: number;
  readonly endS: number;
  /** From then on all has to be there, s since the epoch. */
  readonly neededS: number;
}

/**
 * The map minute by minute: what is not in D1 yet comes from the objects. They
 * are asked first, so that what is written meanwhile is found in D1. Of a large
 * map the oldest minutes may be left out: nothing is known of them then.
 *
 * @throws {RangeError} Where there are more than `MAX_SERIES_MINUTES`.
 * @throws {UnansweredError} Where an object does not answer.
 * @throws What D1 threw.
 */
export async function loadSeries(
  bindings: HistoryBindings,
  request: SeriesRequest,
): Promise<MapSeries> {
  const fromS = floorTo(request.startS, MINUTE_S);
  const toS = ceilTo(request.endS, MINUTE_S);
  const minutes = (toS - fromS) / MINUTE_S;
  const builder = new SeriesBuilder({ startS: fromS, minutes });
  const loading = new Loading(bindings, { ...request, fromS, toS, builder });
  await loading.askObjects();
  let chunkS = ceilTo(toS, CHUNK_S) - CHUNK_S;
  let reading = loading.readHours(chunkS);
  while (chunkS + CHUNK_S > fromS) {
    const stored = await reading;
    // D1 is asked for what is next while this is worked through.
    reading = loading.readHours(chunkS - CHUNK_S);
    const missing = loading.addHours(chunkS, stored);
    for (const { hourS, services } of missing) {
      const isEnough = loading.edgeMinutes >= MAX_READ_EDGE_MINUTES;
      if (isEnough && hourS + HOUR_S <= request.neededS) continue;
      await loading.readMinutes(services, hourS);
    }
    chunkS -= CHUNK_S;
  }
  await reading;
  return builder.series();
}

/** An hour that some services do not have as such. */
interface MissingHour {
  /** s since the epoch. */
  readonly hourS: number;
  /** `nodeId`s. */
  readonly services: readonly string[];
}

interface LoadingOptions {
  readonly tenant: string;
  readonly services: readonly NodeIdentity[];
  /** Whole minutes, s since the epoch. */
  readonly fromS: number;
  readonly toS: number;
  readonly builder: SeriesBuilder;
}

class Loading {
  readonly #bindings: HistoryBindings;
  readonly #options: LoadingOptions;
  readonly #services: ReadonlyMap<string, NodeIdentity>;
  /** Minutes that the objects have, and hours that D1 has otherwise. */
  readonly #live: Set<string> = new Set();
  /** Hours of which the objects have minutes. */
  readonly #liveHours: Set<string> = new Set();
  /** Minutes of edges that were read one by one. */
  edgeMinutes = 0;

  constructor(bindings: HistoryBindings, options: LoadingOptions) {
    this.#bindings = bindings;
    this.#options = options;
    this.#services = new Map(
      options.services.map((service) => [nodeId(service), service]),
    );
  }

  async askObjects(): Promise<void> {
    const { tenant, fromS, toS } = this.#options;
    // The hour that is not over is in no database, and costs its object most.
    const hours = { fromS: floorTo(fromS, HOUR_S), toS: floorTo(toS, HOUR_S) };
    const ranges: readonly WindowRange[] = [
      { resolution: MINUTE_S, fromS, toS },
      { resolution: HOUR_S, ...hours },
    ];
    const queue = this.#services.entries();
    const askNext = async (): Promise<void> => {
      for (const [id, service] of queue) {
        const windows = await readObject(this.#bindings, {
          tenant,
          service,
          ranges,
          operations: false,
        });
        for (const { encoded, resolution, startS } of windows) {
          this.#live.add(liveKey(id, resolution, startS));
          if (resolution !== MINUTE_S) continue;
          this.#liveHours.add(liveKey(id, HOUR_S, floorTo(startS, HOUR_S)));
          this.#add({ service, startS, summary: encoded.summary });
        }
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT_OBJECTS }, askNext));
  }

  /** Reads what D1 has as hours of `CHUNK_S` that are in the series. */
  readHours(chunkS: number): Promise<StoredHour[]> {
    const { tenant, fromS } = this.#options;
    const toS = chunkS + CHUNK_S;
    if (this.#services.size === 0 || toS <= fromS) return Promise.resolve([]);
    return readHours(this.#bindings.DB, {
      tenant,
      services: [...this.#services.keys()],
      fromS: Math.max(chunkS, floorTo(fromS, HOUR_S)),
      toS,
    });
  }

  /** @returns What is to be read minute by minute, the newest first. */
  addHours(
    chunkS: number,
    stored: readonly StoredHour[],
  ): readonly MissingHour[] {
    const { builder } = this.#options;
    const read = new Set<string>();
    for (const { service: id, startS, body } of stored) {
      const service = this.#services.get(id);
      const key = liveKey(id, HOUR_S, startS);
      if (service === undefined || this.#live.has(key)) continue;
      builder.addHour({
        service,
        startS,
        body,
        isLeftOut: this.#liveHours.has(key)
          ? (minuteS) => this.#live.has(liveKey(id, MINUTE_S, minuteS))
          : () => false,
      });
      read.add(key);
    }
    return Array.from({ length: CHUNK_S / HOUR_S }, (_, at) => {
      const hourS = chunkS + CHUNK_S - (at + 1) * HOUR_S;
      const services = [...this.#services.keys()]
        .filter((id) => !read.has(liveKey(id, HOUR_S, hourS)));
      return { hourS, services };
    }).filter(({ services }) => services.length > 0);
  }

  /** Reads the minutes of an hour that are in the series. */
  async readMinutes(
    services: readonly string[],
    hourS: number,
  ): Promise<void> {
    const { tenant, fromS, toS } = this.#options;
    const range = {
      resolution: MINUTE_S,
      fromS: Math.max(fromS, hourS),
      toS: Math.min(toS, hourS + HOUR_S),
    } as const;
    if (range.fromS >= range.toS) return;
    const stored = readHistory(this.#bindings.DB, {
      tenant,
      services,
      range,
      operations: false,
    });
    for await (const { service: id, encoded, startS } of stored) {
      const service = this.#services.get(id);
      if (
        service === undefined ||
        this.#live.has(liveKey(id, MINUTE_S, startS))
      ) continue;
      this.#add({ service, startS, summary: encoded.summary });
    }
  }

  #add({ service, startS, summary }: {
    readonly service: NodeIdentity;
    readonly startS: number;
    readonly summary: Uint8Array;
  }): void {
    const window = scanWindow(summary);
    this.edgeMinutes += window.edges.length;
    this.#options.builder.add({ service, startS, window });
  }
}

function liveKey(id: string, resolution: number, startS: number): string {
  return `${id} ${resolution} ${startS}`;
}
