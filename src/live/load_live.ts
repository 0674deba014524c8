import type { Bindings } from "../bindings.ts";
import { listServices } from "../directory/list_services.ts";
import { loadWindows } from "../history/load_windows.ts";
import type { SourceWindow } from "../history/source_window.ts";
import type { NodeIdentity } from "../map/node_identity.ts";
import {
  type LoadedMappings,
  loadMappings,
} from "../resources/load_mappings.ts";
import type { GraphAsked } from "../resources/load_resource_graph.ts";
import { MAX_LIVE_WINDOWS } from "./live_limits.ts";
import { livePlan } from "./live_plan.ts";

/** What the map of now is made from. */
export interface LoadedLive {
  /** All services of the tenant, whether or not they sent spans. */
  readonly known: readonly NodeIdentity[];
  /** Minute by minute. */
  readonly windows: readonly SourceWindow[];
  readonly resources: LoadedMappings;
}

/**
 * Reads the last minutes of all services, each apart: one by one they leave
 * the map.
 *
 * @throws {UnansweredError} Where an object does not answer.
 * @throws What D1 threw.
 */
export async function loadLive(
  bindings: Pick<Bindings, "SERVICE_AGGREGATE" | "DIRECTORY" | "DB">,
  asked: GraphAsked,
): Promise<LoadedLive> {
  const { tenant, nowMs } = asked;
  const known = await listServices(bindings, tenant);
  const [windows, resources] = await Promise.all([
    loadWindows(bindings, {
      tenant,
      services: known,
      ranges: livePlan(nowMs).ranges,
      operations: false,
      // They are not more: the services of a tenant times the map's minutes.
      maxWindows: MAX_LIVE_WINDOWS,
    }),
    loadMappings(bindings, asked),
  ]);
  return { known, windows, resources };
}
