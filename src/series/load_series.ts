import { readHistory } from "../history/read_history.ts";
import { type HistoryBindings, readObject } from "../history/read_object.ts";
import { ceilTo, floorTo, HOUR_S, MINUTE_S } from "../history/window_range.ts";
import { nodeId, type NodeIdentity } from "../map/node_identity.ts";
import { decodeWindow } from "../map/service_window_codec.ts";
import type { MapSeries } from "./map_series.ts";
import { SeriesBuilder } from "./series_builder.ts";

/** Objects that are asked at the same time. */
const CONCURRENT_OBJECTS = 32;

/** Minutes that are read at a time, the newest first, s. */
const CHUNK_S = 2 * HOUR_S;
/**
 * Minutes of edges that are read for what is usual; some 20 microseconds each
 * where edges are busy. What has to be there is read in any case.
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
 * map the oldest minutes are left out: nothing is known of them then.
 *
 * @throws {RangeError} Where there are more than `MAX_SERIES_MINUTES`.
 * @throws {UnansweredError} Where an object does not answer.
 * @throws What D1 threw.
 */
export async function loadSeries(
  bindings: HistoryBindings,
  { tenant, services, startS, endS, neededS }: SeriesRequest,
): Promise<MapSeries> {
  const range = {
    resolution: MINUTE_S,
    fromS: floorTo(startS, MINUTE_S),
    toS: ceilTo(endS, MINUTE_S),
  } as const;
  const builder = new SeriesBuilder({
    startS: range.fromS,
    minutes: (range.toS - range.fromS) / MINUTE_S,
  });
  const byId = new Map(services.map((service) => [nodeId(service), service]));
  const live = new Set<string>();
  const queue = byId.entries();
  async function askNext(): Promise<void> {
    for (const [id, service] of queue) {
      const windows = await readObject(bindings, {
        tenant,
        service,
        ranges: [range],
        operations: false,
      });
      for (const { encoded, startS: at } of windows) {
        live.add(`${id} ${at}`);
        builder.add({ service, startS: at, window: decodeWindow(encoded) });
      }
    }
  }
  await Promise.all(Array.from({ length: CONCURRENT_OBJECTS }, askNext));
  if (byId.size === 0) return builder.series();
  for (let toS: number = range.toS; toS > range.fromS; toS -= CHUNK_S) {
    const isEnough = builder.edgeMinutes >= MAX_READ_EDGE_MINUTES;
    if (isEnough && toS <= neededS) break;
    const stored = readHistory(bindings.DB, {
      tenant,
      services: [...byId.keys()],
      range: { ...range, fromS: Math.max(range.fromS, toS - CHUNK_S), toS },
      operations: false,
    });
    for await (const { service: id, encoded, startS: at } of stored) {
      const service = byId.get(id);
      if (service === undefined || live.has(`${id} ${at}`)) continue;
      builder.add({ service, startS: at, window: decodeWindow(encoded) });
    }
  }
  return builder.series();
}
