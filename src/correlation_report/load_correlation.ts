import type { Bindings } from "../bindings.ts";
import type { CorrelationInput } from "../correlation/correlation_input.ts";
import { listServices } from "../directory/list_services.ts";
import type { Drift } from "../drift/drift.ts";
import { listDrifts } from "../drift/drift_store.ts";
import { DAY_S, MINUTE_S } from "../history/window_range.ts";
import type { NodeIdentity } from "../map/node_identity.ts";
import {
  type LoadedMappings,
  loadMappings,
} from "../resources/load_mappings.ts";
import type { GraphAsked } from "../resources/load_resource_graph.ts";
import { loadSeries } from "../series/load_series.ts";
import { MAX_SERIES_MINUTES } from "../series/map_series.ts";
import { changeOf, nodesOnResources, resourceLinks } from "./resource_links.ts";

/** How much is loaded of before what is asked about, s: chance is learned there. */
export const BASELINE_S = DAY_S;
/** Changes that one report looks at; the newest. */
export const MAX_REPORT_CHANGES = 500;

const MS_PER_S = 1000;

/** Who asks, about when. */
export interface CorrelationAsked extends GraphAsked {
  /** ms since the epoch. */
  readonly startMs: number;
  readonly endMs: number;
}

/** What a report is made from. */
export interface LoadedCorrelation {
  readonly input: CorrelationInput;
  readonly known: readonly NodeIdentity[];
  readonly resources: LoadedMappings;
  /** The changes, by id. */
  readonly drifts: ReadonlyMap<string, Drift>;
}

/**
 * Loads the minutes of the whole map around a time and of the day before it,
 * the resources, and the changes from some hours before the start to the end.
 *
 * @throws {UnansweredError} Where an object does not answer.
 * @throws What D1 threw.
 */
export async function loadCorrelation(
  bindings: Pick<Bindings, "SERVICE_AGGREGATE" | "DIRECTORY" | "DB">,
  asked: CorrelationAsked,
  /** How long before the start changes are looked for, ms. */
  changesBeforeMs: number,
): Promise<LoadedCorrelation> {
  const { tenant, startMs, endMs, nowMs } = asked;
  const known = await listServices(bindings, tenant);
  const endS = Math.min(endMs, nowMs) / MS_PER_S;
  const startS = Math.max(
    startMs / MS_PER_S - BASELINE_S,
    endS - (MAX_SERIES_MINUTES - 1) * MINUTE_S,
  );
  const [series, resources, drifts] = await Promise.all([
    loadSeries(bindings, {
      tenant,
      services: known,
      startS,
      endS,
      neededS: startMs / MS_PER_S,
    }),
    loadMappings(bindings, asked),
    listDrifts(bindings.DB, tenant, {
      filter: { startMs: startMs - changesBeforeMs, endMs: endMs + 1 },
      limit: MAX_REPORT_CHANGES,
    }),
  ]);
  const mappings = nodesOnResources(series, resources);
  const of = { mappings, index: resources.index };
  return {
    input: {
      series,
      links: resourceLinks(resources.index),
      mappings,
      changes: drifts.map((drift) => changeOf(drift, of)),
    },
    known,
    resources,
    drifts: new Map(drifts.map((drift) => [drift.id, drift])),
  };
}
