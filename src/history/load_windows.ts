import type { LiveWindow } from "../aggregate/live_window.ts";
import { nodeId, type NodeIdentity } from "../map/node_identity.ts";
import { decodeWindow, type WantsEdge } from "../map/service_window_codec.ts";
import type { SourceWindow } from "./source_window.ts";
import { LoadedWindows } from "./loaded_windows.ts";
import { readHistory } from "./read_history.ts";
import { type HistoryBindings, readObject } from "./read_object.ts";
import type { WindowKey, WindowRange } from "./window_range.ts";

/** Objects that are asked at the same time. */
export const CONCURRENT_OBJECTS = 32;

/** Which windows of which services are wanted. */
export interface LoadRequest {
  readonly tenant: string;
  readonly services: readonly NodeIdentity[];
  /** As `planRanges` makes them. */
  readonly ranges: readonly WindowRange[];
  /** Whether the operations are wanted; without them a window has none. */
  readonly operations: boolean;
  /** Which edges are wanted. @default {all} */
  readonly wantsEdge?: WantsEdge;
  /** Windows that are held apart. @default {MAX_LOADED_WINDOWS} */
  readonly maxWindows?: number;
}

/**
 * The windows of some services, each exactly once: what is not in D1 yet
 * comes from the objects. They are asked first, so that what is written
 * meanwhile is found in D1.
 *
 * @returns In no order. Beyond `maxWindows` the windows of a service
 *   are added up, into one that is longer than any resolution.
 * @throws {UnansweredError} Where an object does not answer.
 * @throws What D1 threw, with its error as `cause`.
 */
export async function loadWindows(
  bindings: HistoryBindings,
  request: LoadRequest,
): Promise<SourceWindow[]> {
  const services = new Map(
    request.services.map((service) => [nodeId(service), service]),
  );
  const loaded = new LoadedWindows(request.maxWindows);
  if (services.size === 0) return loaded.all();
  const live = await loadLive(bindings, request, { services, loaded });
  for (const range of request.ranges) {
    const stored = readHistory(bindings.DB, {
      tenant: request.tenant,
      services: [...services.keys()],
      range,
      operations: request.operations,
    });
    for await (const { service: id, encoded, ...key } of stored) {
      const service = services.get(id);
      if (service === undefined || live.has(liveKey(id, key))) continue;
      const window = decodeWindow(encoded, request.wantsEdge);
      loaded.add({ service, ...key, window });
    }
  }
  return loaded.all();
}

interface Loading {
  readonly services: ReadonlyMap<string, NodeIdentity>;
  readonly loaded: LoadedWindows;
}

/** Asks the objects; resolves to which windows they have answered with. */
async function loadLive(
  bindings: HistoryBindings,
  request: LoadRequest,
  { services, loaded }: Loading,
): Promise<ReadonlySet<string>> {
  const live = new Set<string>();
  // Old ranges too: while D1 is away, an object keeps what D1 has yet to get.
  const { tenant, operations, ranges } = request;
  const queue = services.entries();
  async function askNext(): Promise<void> {
    for (const [id, service] of queue) {
      const windows: readonly LiveWindow[] = await readObject(bindings, {
        tenant,
        service,
        ranges,
        operations,
      });
      for (const { encoded, ...key } of windows) {
        live.add(liveKey(id, key));
        const window = decodeWindow(encoded, request.wantsEdge);
        loaded.add({ service, ...key, window });
      }
    }
  }
  await Promise.all(Array.from({ length: CONCURRENT_OBJECTS }, askNext));
  return live;
}

function liveKey(id: string, { resolution, startS }: WindowKey): string {
  return `${id} ${resolution} ${startS}`;
}
