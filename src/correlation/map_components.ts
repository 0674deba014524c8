import type {
  EdgeSeries,
  MapSeries,
  RequestSeries,
  ServiceSeries,
} from "../series/map_series.ts";
import { isNew } from "./is_new.ts";
import { once } from "./once.ts";
import { RatioSeries } from "./ratio_series.ts";

/**
 * A place where time is spent and requests fail, without what it only waits
 * for: `self`, a service without its calls; `callee`, what sends no spans, as
 * its callers saw it; `network`, the way from a caller to a callee.
 */
export interface Component {
  readonly kind: "self" | "callee" | "network";
  /** `nodeId`: the service, what is called, or the way's end. */
  readonly node: string;
  /** `nodeId` of the way's beginning; "" of the others. */
  readonly from: string;
  /** Time by requests, ns; worked out when it is first asked for. */
  readonly time: () => RatioSeries;
  /** Failed by requests; likewise. */
  readonly failures: () => RatioSeries;
}

/** A map that was taken apart. */
export interface MapComponents {
  readonly components: readonly Component[];
  /** Calls that their caller waits for, from each node. */
  readonly called: ReadonlyMap<string, readonly EdgeSeries[]>;
  /** All calls to each node. */
  readonly calling: ReadonlyMap<string, readonly EdgeSeries[]>;
  readonly services: ReadonlyMap<string, ServiceSeries>;
}

/**
 * Takes a map apart so that a rise of any latency or failure is a rise in its
 * parts: a service's time is its own, plus each way's, plus each callee's.
 * Time in a queue is nobody's wait, and left out.
 *
 * @param at The minute of the change: what was hardly there before it is
 *   counted by its callers' requests, of which it then took nothing.
 * @param lost Which strangers stand for which callees, by `lostCallees`: what
 *   is spent on one is spent on the way to the other.
 */
export function mapComponents(
  series: MapSeries,
  { at, lost }: {
    readonly at: number;
    readonly lost: ReadonlyMap<string, string>;
  },
): MapComponents {
  const services = new Map(series.services.map((one) => [one.id, one]));
  const called = grouped(series.edges.filter(isAwaited), (edge) => edge.from);
  const calling = grouped(series.edges, (edge) => edge.to);
  const map = { minutes: series.minutes, services, called, calling, at };
  const components: Component[] = [];
  for (const service of series.services) {
    components.push(selfOf(service, map));
  }
  for (const [node, edges] of calling) {
    const told = edges.filter(toldByClient).filter(isAwaited);
    if (told.length === 0) continue;
    const meant = lost.get(node);
    if (!services.has(node)) {
      const callee = calleeOf(node, told, map);
      const from = told[0]?.from ?? "";
      components.push(
        meant === undefined
          ? callee
          : { ...callee, kind: "network", node: meant, from },
      );
    } else {
      for (const [from, way] of grouped(told, (edge) => edge.from)) {
        components.push(networkOf({ from, node }, way, map));
      }
    }
  }
  return { components, called, calling, services };
}

interface WholeMap extends Omit<MapComponents, "components"> {
  readonly minutes: number;
  readonly at: number;
}

function isAwaited(edge: EdgeSeries): boolean {
  return edge.connectionType !== "messaging_system";
}

function toldByClient({ client }: EdgeSeries): boolean {
  return client.count.some((count) => count > 0);
}

/** Whether only the caller told of these calls. */
function isLone({ connectionType }: EdgeSeries): boolean {
  return connectionType === "virtual_node" || connectionType === "database";
}

function selfOf(service: ServiceSeries, map: WholeMap): Component {
  const { requests } = service;
  const edges = map.called.get(service.id) ?? [];
  return {
    kind: "self",
    node: service.id,
    from: "",
    time: once(() => {
      const time = Float64Array.from(requests.sumNs);
      for (const { client } of edges) subtract(time, client.sumNs);
      return new RatioSeries(time, requests.count);
    }),
    failures: once(() => {
      const failures = Float64Array.from(requests.failed);
      for (const { calls } of edges) subtract(failures, calls.failed);
      return new RatioSeries(failures, requests.count);
    }),
  };
}

function calleeOf(
  node: string,
  edges: readonly EdgeSeries[],
  map: WholeMap,
): Component {
  const weight = once(() => weightOf(edges, map));
  return {
    kind: "callee",
    node,
    from: "",
    time: once(() => {
      const time = added(edges, map, ({ client }) => client.sumNs);
      return new RatioSeries(time, weight());
    }),
    failures: once(() => {
      const failures = added(edges, map, ({ calls }) => calls.failed);
      return new RatioSeries(failures, weight());
    }),
  };
}

function networkOf(
  { from, node }: { readonly from: string; readonly node: string },
  edges: readonly EdgeSeries[],
  map: WholeMap,
): Component {
  const weight = once(() => weightOf(edges, map));
  return {
    kind: "network",
    node,
    from,
    time: once(() => {
      const time = added(edges, map, ({ client }) => client.sumNs);
      for (const edge of edges) {
        if (!isLone(edge)) subtract(time, edge.calls.sumNs);
      }
      return new RatioSeries(time, weight());
    }),
    // A call of which both halves came fails at its callee.
    failures: once(() => {
      const lone = edges.filter(isLone);
      const failures = added(lone, map, ({ calls }) => calls.failed);
      return new RatioSeries(failures, weight());
    }),
  };
}

function subtract(from: Float64Array, values: Float32Array): void {
  for (let minute = 0; minute < from.length; minute++) {
    from[minute] = (from[minute] ?? 0) - (values[minute] ?? 0);
  }
}

function weightOf(
  edges: readonly EdgeSeries[],
  map: WholeMap,
): ArrayLike<number> {
  const calls = added(edges, map, ({ client }) => client.count);
  if (!isNew(calls, map.at)) return calls;
  const callers: readonly RequestSeries[] = [
    ...new Set(edges.map((edge) => edge.from)),
  ].flatMap((id) => map.services.get(id)?.requests ?? []);
  if (callers.length === 0) return calls;
  return added(callers, map, ({ count }) => count);
}

function added<T>(
  of: readonly T[],
  { minutes }: Pick<WholeMap, "minutes">,
  figure: (one: T) => Float32Array,
): Float64Array {
  const sum = new Float64Array(minutes);
  for (const one of of) {
    const values = figure(one);
    for (let minute = 0; minute < minutes; minute++) {
      sum[minute] = (sum[minute] ?? 0) + (values[minute] ?? 0);
    }
  }
  return sum;
}

function grouped<T>(
  all: readonly T[],
  keyOf: (one: T) => string,
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
