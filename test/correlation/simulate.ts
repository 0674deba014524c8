import type { SeededRandom } from "../../src/local/seeded_random.ts";
import {
  type EdgeSeries,
  emptyLatency,
  emptyRequests,
  type LatencySeries,
  type MapSeries,
  type RequestSeries,
} from "../../src/series/map_series.ts";
import type { SimulatedSystem } from "./simulated_system.ts";

/** What breaks, from a minute on; nodes and calls by their numbers. */
export interface Break {
  readonly from: number;
  /** The first minute that is well again. */
  readonly to: number;
  /** Whose own time is multiplied. */
  readonly slow?: { readonly node: number; readonly factor: number };
  /** Whose requests as a whole are multiplied. */
  readonly slower?: { readonly node: number; readonly factor: number };
  /** Whose requests take 8 times as long, and which share of them. */
  readonly tail?: { readonly node: number; readonly share: number };
  /** Whose requests fail, and which share of them. */
  readonly failing?: { readonly node: number; readonly share: number };
  /** Whose way is slower, and by how much, ns. */
  readonly way?: { readonly call: number; readonly moreNs: number };
  /** To which node no call arrives any more. */
  readonly closed?: { readonly node: number };
}

/** What is simulated. */
export interface Simulation {
  readonly system: SimulatedSystem;
  readonly minutes: number;
  /** Requests of each entry node a minute, at noon. */
  readonly perMinute: number;
  readonly breaks: readonly Break[];
}

const MINUTES_PER_DAY = 1440;
const TIMEOUT_NS = 1e9;
const SIGMA = 0.4;
const TAIL_FACTOR = 8;
const FAILS_WITH_CALLEE = 0.8;
const USUAL_FAILURES = 0.0005;
/** Requests from which on quantiles are drawn, not counted. */
const MANY = 12;

interface NodeMinute {
  count: number;
  meanNs: number;
  failed: number;
}

/**
 * Simulates a system minute by minute: callers wait for their callees and fail
 * with most of them; levels follow the hour, drift, burst, and shift when
 * something is deployed; requests of a minute and minutes resemble each other.
 */
export function simulate(
  { system, minutes, perMinute, breaks }: Simulation,
  random: SeededRandom,
): MapSeries {
  const { nodes, calls } = system;
  const normal = (): number => Math.log(random.logNormal(1, 1));
  const services = nodes.map(() => emptyRequests(minutes));
  const edges = calls.map(() => ({
    calls: emptyRequests(minutes),
    client: emptyLatency(minutes),
  }));
  const strays = calls.map(() => ({
    calls: emptyRequests(minutes),
    client: emptyLatency(minutes),
  }));
  const drift = nodes.map(() => 0);
  const burst = nodes.map(() => ({ left: 0, factor: 1 }));
  const phase = nodes.map(() => random.fraction());
  const deployed = nodes.map(() => ({
    at: random.chance(0.3) ? random.below(minutes) : minutes,
    factor: 0.95 + 0.12 * random.fraction(),
  }));
  const traffic = { drift: 0, phase: random.fraction() };
  for (let minute = 0; minute < minutes; minute++) {
    const active = breaks.filter(({ from, to }) =>
      minute >= from && minute < to
    );
    const angle = 2 * Math.PI * (minute / MINUTES_PER_DAY);
    traffic.drift = 0.8 * traffic.drift + 0.05 * normal();
    const load = (1 + 0.4 * Math.sin(angle + 2 * Math.PI * traffic.phase)) *
      Math.exp(traffic.drift) * (random.chance(0.003) ? 2 : 1);
    const shared = 0.02 * normal();
    const state = nodes.map((): NodeMinute => ({
      count: 0,
      meanNs: 0,
      failed: 0,
    }));
    const made = calls.map(() => 0);
    nodes.forEach(({ layer }, at) => {
      const own = state[at];
      if (own === undefined) return;
      if (layer === 0) own.count = poisson(perMinute * load, random);
      calls.forEach((call, index) => {
        const callee = state[call.to];
        if (call.from !== at || callee === undefined) return;
        const count = poisson(own.count * call.share, random);
        made[index] = count;
        const isClosed = active.some(({ closed }) => closed?.node === call.to);
        const isStore = nodes[call.to]?.isStore === true;
        if (!isClosed || isStore) callee.count += count;
      });
    });
    // Callees before callers.
    for (let at = nodes.length - 1; at >= 0; at--) {
      const node = nodes[at];
      const own = state[at];
      const left = burst[at];
      if (node === undefined || own === undefined || left === undefined) {
        continue;
      }
      drift[at] = 0.7 * (drift[at] ?? 0) + 0.05 * normal();
      if (left.left > 0) left.left--;
      else if (random.chance(0.001)) {
        burst[at] = {
          left: 2 + random.below(6),
          factor: 1.2 + random.fraction(),
        };
      }
      const factor = (left.left > 0 ? left.factor : 1) *
        (minute >= (deployed[at]?.at ?? minutes)
          ? deployed[at]?.factor ?? 1
          : 1) *
        (1 + 0.1 * Math.sin(angle + 2 * Math.PI * (phase[at] ?? 0))) *
        Math.exp(shared + (drift[at] ?? 0)) *
        product(active.map(({ slow }) => slow?.node === at ? slow.factor : 1));
      const tail = active
        .reduce(
          (sum, one) => sum + (one.tail?.node === at ? one.tail.share : 0),
          0,
        );
      const failing = USUAL_FAILURES + active.reduce(
        (sum, one) => sum + (one.failing?.node === at ? one.failing.share : 0),
        0,
      );
      const isClosed = active.some(({ closed }) => closed?.node === at);
      let meanNs = node.selfNs * factor * (1 + tail * (TAIL_FACTOR - 1));
      let failed = failing;
      if (node.isStore && isClosed) {
        meanNs = TIMEOUT_NS;
        failed = 0.9;
      }
      calls.forEach((call, index) => {
        const callee = state[call.to];
        if (call.from !== at || callee === undefined) return;
        const count = made[index] ?? 0;
        const lost = nodes[call.to]?.isStore !== true &&
          active.some(({ closed }) => closed?.node === call.to);
        const wayNs = call.networkNs * Math.exp(0.1 * normal()) +
          active.reduce(
            (sum, { way }) => sum + (way?.call === index ? way.moreNs : 0),
            0,
          );
        const clientNs = lost ? TIMEOUT_NS : callee.meanNs + wayNs;
        const calleeFails = lost ? 1 : callee.failed;
        const per = own.count > 0 ? count / own.count : call.share;
        meanNs += per * clientNs;
        failed += per * calleeFails * FAILS_WITH_CALLEE;
        const told = (lost ? strays : edges)[index];
        if (told === undefined) return;
        const isStore = nodes[call.to]?.isStore === true;
        const failures = Math.min(count, poisson(count * calleeFails, random));
        const draw = { count, sigma: SIGMA, tail: 0, random, minute };
        put(told.client, { ...draw, meanNs: clientNs });
        put(told.calls, {
          ...draw,
          meanNs: lost || isStore ? clientNs : callee.meanNs,
        });
        told.calls.failed[minute] = failures;
      });
      meanNs *= product(
        active.map(({ slower }) => slower?.node === at ? slower.factor : 1),
      );
      own.meanNs = meanNs;
      own.failed = Math.min(1, failed);
      if (node.isStore) continue;
      const series = services[at];
      if (series === undefined) continue;
      put(series, {
        count: own.count,
        meanNs,
        sigma: SIGMA,
        tail,
        random,
        minute,
      });
      series.failed[minute] = Math.min(
        own.count,
        poisson(own.count * own.failed, random),
      );
    }
  }
  return {
    startS: 0,
    minutes,
    services: nodes.flatMap(({ id, isStore }, at) => {
      const requests = services[at];
      return isStore || requests === undefined ? [] : [{ id, requests }];
    }),
    edges: calls.flatMap((_, index) => [
      ...edgeOf(system, { index, told: edges[index], stray: false }),
      ...edgeOf(system, { index, told: strays[index], stray: true }),
    ]),
  };
}

function edgeOf(
  { nodes, calls }: SimulatedSystem,
  { index, told, stray }: {
    readonly index: number;
    readonly told:
      | { readonly calls: RequestSeries; readonly client: LatencySeries }
      | undefined;
    readonly stray: boolean;
  },
): EdgeSeries[] {
  const call = calls[index];
  const from = nodes[call?.from ?? -1]?.id;
  const to = nodes[call?.to ?? -1];
  if (from === undefined || to === undefined || told === undefined) return [];
  if (!told.calls.count.some((count) => count > 0)) return [];
  const id = stray ? `10.0.0.${call?.to}` : to.id;
  return [{
    id: `${from}\n${id}\n`,
    from,
    to: id,
    connectionType: stray ? "virtual_node" : to.isStore ? "database" : "",
    ...told,
  }];
}

interface Draw {
  readonly count: number;
  readonly meanNs: number;
  readonly sigma: number;
  /** Share of the requests that take `TAIL_FACTOR` times as long. */
  readonly tail: number;
  readonly random: SeededRandom;
  readonly minute: number;
}

function put(series: LatencySeries, draw: Draw): void {
  const { count, meanNs, sigma, tail, random, minute } = draw;
  series.count[minute] = count;
  if (count === 0) return;
  const usualNs = meanNs / (1 + tail * (TAIL_FACTOR - 1));
  const medianNs = usualNs * Math.exp(-(sigma ** 2) / 2);
  if (count <= MANY) {
    const times = Float64Array.from(
      { length: count },
      () =>
        random.logNormal(medianNs, sigma) *
        (random.chance(tail) ? TAIL_FACTOR : 1),
    ).sort();
    const rank = (share: number): number =>
      Math.log2(times[Math.max(0, Math.ceil(share * count) - 1)] ?? 1);
    series.sumNs[minute] = times.reduce((sum, time) => sum + time, 0);
    series.p50[minute] = rank(0.5);
    series.p95[minute] = rank(0.95);
    series.p99[minute] = rank(0.99);
    return;
  }
  const spread = sigma / Math.sqrt(count);
  const noise = (): number => Math.log(random.logNormal(1, 1));
  const level = Math.log2(medianNs);
  const slow = poisson(count * tail, random) / count;
  const slower = 0.8 * Math.log2(TAIL_FACTOR);
  series.sumNs[minute] = count * meanNs * (1 + spread * noise());
  series.p50[minute] = level + 1.25 * spread * noise() / Math.LN2;
  series.p95[minute] = level +
    (1.645 * sigma + 2.1 * spread * noise()) / Math.LN2 +
    (slow > 0.05 ? slower : 0);
  series.p99[minute] = level +
    (2.326 * sigma + 3.7 * spread * noise()) / Math.LN2 +
    (slow > 0.01 ? slower : 0);
}

function poisson(mean: number, random: SeededRandom): number {
  if (mean > 30) {
    const normal = Math.log(random.logNormal(1, 1));
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  const limit = Math.exp(-mean);
  let product = random.fraction();
  let count = 0;
  while (product > limit) {
    product *= random.fraction();
    count++;
  }
  return count;
}

function product(factors: readonly number[]): number {
  return factors.reduce((all, factor) => all * factor, 1);
}
