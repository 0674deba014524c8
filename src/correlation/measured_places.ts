import {
  type EdgeSeries,
  type ServiceSeries,
  total,
} from "../series/map_series.ts";
import { controlEdges, controlLevel } from "./control_level.ts";
import { isNew } from "./is_new.ts";
import type { MapComponents } from "./map_components.ts";
import type { Measured } from "./measured_effects.ts";
import type { Touch } from "./touched_nodes.ts";

/** Places that one report looks at; the closest, then the busiest. */
export const MAX_PLACES = 250;

/** The places of a map at which a change may show, and what it cannot touch. */
export interface MeasuredPlaces {
  readonly places: readonly Measured[];
  /** How many edges they are compared with. */
  readonly controls: number;
}

/**
 * Where a change may show: what the touched nodes serve and call, those who
 * call them and what they serve; and calls that were not there before of
 * those who call a touched node, since a callee that cannot be reached any
 * more is a stranger to its caller's spans.
 *
 * @param at The minute of the change.
 */
export function measuredPlaces(
  edges: readonly EdgeSeries[],
  { touched, map, at }: {
    readonly touched: ReadonlyMap<string, Touch>;
    readonly map: MapComponents;
    readonly at: number;
  },
): MeasuredPlaces {
  const near = closenessOf(edges, touched);
  const controlled = controlEdges(edges, new Set(near.keys()));
  const controls = {
    p50: controlLevel(
      controlled,
      ({ client, calls }) => isTold(client.count) ? client.p50 : calls.p50,
    ),
    p95: controlLevel(
      controlled,
      ({ client, calls }) => isTold(client.count) ? client.p95 : calls.p95,
    ),
  };
  // What a caller that sends no spans sees is what the called one serves.
  const looked = edges.filter(({ from, to }) =>
    map.services.has(from) && (touched.has(from) || touched.has(to))
  );
  const strangers = edges.filter((edge) =>
    near.has(edge.from) && !touched.has(edge.from) &&
    !touched.has(edge.to) && isNew(edge.calls.count, at)
  );
  const services = [...near.keys()].flatMap((id) => map.services.get(id) ?? []);
  const places = [
    ...services.map((service) => servicePlace(service, controls)),
    ...[...looked, ...strangers].map((edge) =>
      edgePlace(edge, { map, at, controls })
    ),
  ].map((place): Measured => ({ ...place, closeness: closeness(place, near) }))
    .map((place) => ({ place, requests: total(place.count) }))
    .toSorted((a, b) =>
      b.place.closeness - a.place.closeness || b.requests - a.requests
    )
    .slice(0, MAX_PLACES)
    .map(({ place }) => place);
  return { places, controls: controlled.length };
}

function servicePlace(
  { id, requests }: ServiceSeries,
  controls: Measured["controls"],
): Omit<Measured, "closeness"> {
  return {
    place: { service: id, edge: null, callee: null },
    latency: requests,
    failed: requests.failed,
    count: requests.count,
    callerCount: null,
    controls,
  };
}

function edgePlace(
  edge: EdgeSeries,
  { map, at, controls }: {
    readonly map: MapComponents;
    readonly at: number;
    readonly controls: Measured["controls"];
  },
): Omit<Measured, "closeness"> {
  const { id, from, to, calls, client } = edge;
  const caller = map.services.get(from)?.requests.count;
  const served = map.services.has(to) && edge.connectionType === "";
  return {
    place: { service: from, edge: id, callee: to },
    // The caller's side holds the way there, too.
    latency: isTold(client.count) ? client : calls,
    failed: calls.failed,
    count: caller !== undefined && isNew(edge.calls.count, at)
      ? caller
      : calls.count,
    callerCount: caller !== undefined && served ? caller : null,
    controls,
  };
}

function isTold(count: Float32Array): boolean {
  return count.some((requests) => requests > 0);
}

/** Touched nodes and those who call them, with how closely each is linked. */
function closenessOf(
  edges: readonly EdgeSeries[],
  touched: ReadonlyMap<string, Touch>,
): ReadonlyMap<string, number> {
  const near = new Map([...touched].map(([id, { weight }]) => [id, weight]));
  for (const { from, to } of edges) {
    const weight = CALLER_CLOSENESS * (touched.get(to)?.weight ?? 0);
    if (weight > (near.get(from) ?? 0)) near.set(from, weight);
  }
  return near;
}

// A caller feels what it calls, among all else that it does.
const CALLER_CLOSENESS = 0.5;

function closeness(
  { place }: Pick<Measured, "place">,
  near: ReadonlyMap<string, number>,
): number {
  return Math.max(
    near.get(place.service) ?? 0,
    near.get(place.callee ?? "") ?? 0,
  );
}
