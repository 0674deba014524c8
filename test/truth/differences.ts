import { nodeId } from "../../src/map/node_identity.ts";
import type { Diagnostics } from "../../src/query/diagnostics.ts";
import type { ServiceDetail } from "../../src/query/service_detail.ts";
import type { ServiceEdge } from "../../src/query/service_edge.ts";
import type { ServiceList } from "../../src/query/service_list.ts";
import type { ServiceMap } from "../../src/query/service_map.ts";
import {
  type KnownTruth,
  nearestRank,
  type TrueEdge,
  type TrueOperation,
  type TrueService,
} from "./known_truth.ts";

/** How far a percentile may be from the true one: the sketch's promise. */
export const PERCENTILE_TOLERANCE = 0.011;

/** Collects in words where an answer is not what it has to be. */
class Differences {
  readonly found: string[] = [];

  equal(what: string, actual: unknown, expected: unknown): void {
    if (Object.is(actual, expected)) return;
    this.found.push(`${what} is ${actual}, has to be ${expected}`);
  }

  percentiles(
    what: string,
    actual: readonly (number | undefined)[],
    values: readonly number[],
  ): void {
    for (const [at, q] of [0.5, 0.95, 0.99].entries()) {
      const value = actual[at];
      if (values.length === 0) continue;
      const expected = nearestRank(values, q);
      if (
        value !== undefined &&
        Math.abs(value / expected - 1) <= PERCENTILE_TOLERANCE
      ) continue;
      this.found.push(
        `${what} p${q * 100} is ${value}, has to be ${expected} ± 1.1 %`,
      );
    }
  }

  /** Pairs what is there with what has to be; the rest is a difference. */
  pairs<A, E>(
    what: string,
    actual: ReadonlyMap<string, A>,
    expected: ReadonlyMap<string, E>,
  ): [string, A, E][] {
    for (const id of actual.keys()) {
      if (!expected.has(id)) {
        this.found.push(`${what} ${id} is there for nothing`);
      }
    }
    return [...expected].flatMap(([id, wanted]): [string, A, E][] => {
      const there = actual.get(id);
      if (there !== undefined) return [[id, there, wanted]];
      this.found.push(`${what} ${id} is missing`);
      return [];
    });
  }

  /** By id; an id that comes twice is a difference. */
  index<T>(
    what: string,
    items: readonly T[],
    idOf: (item: T) => string,
  ): Map<string, T> {
    const byId = new Map<string, T>();
    for (const item of items) {
      const id = idOf(item);
      if (byId.has(id)) this.found.push(`${what} ${id} is there twice`);
      byId.set(id, item);
    }
    return byId;
  }
}

/** Where a map is not what it has to be; empty where it is exact. */
export function mapDifferences(map: ServiceMap, truth: KnownTruth): string[] {
  const differences = new Differences();
  const edges = differences.index("Edge", map.edges, answeredEdgeId);
  for (
    const [id, edge, wanted] of differences.pairs("Edge", edges, truth.edges)
  ) compareEdge(differences, `Edge ${id}:`, edge, wanted);
  const nodes = differences.index("Node", map.nodes, ({ id }) => id);
  differences.pairs("Node", nodes, trueNodes(truth));
  return differences.found;
}

/** Where the list of services is not what it has to be. */
export function serviceListDifferences(
  list: ServiceList,
  truth: KnownTruth,
): string[] {
  const differences = new Differences();
  const services = differences.index("Service", list.services, ({ id }) => id);
  for (
    const [id, service, wanted] of differences.pairs(
      "Service",
      services,
      truth.services,
    )
  ) {
    const what = `Service ${id}:`;
    const { count, failed, durations } = requestsOf(wanted);
    differences.equal(`${what} count`, service.request_count, count);
    differences.equal(`${what} errors`, service.error_count, failed);
    differences.percentiles(what, [
      service.p50_latency,
      service.p95_latency,
      service.p99_latency,
    ], durations);
  }
  differences.equal("count", list.count, truth.services.size);
  return differences.found;
}

/** Where a service's operations are not what they have to be. */
export function operationDifferences(
  detail: ServiceDetail,
  wanted: TrueService,
): string[] {
  const differences = new Differences();
  const operations = differences.index(
    "Operation",
    detail.operations,
    ({ kind, operation_name }) => `${kind} ${operation_name}`,
  );
  for (
    const [id, operation, expected] of differences.pairs<
      ServiceDetail["operations"][number],
      TrueOperation
    >("Operation", operations, wanted.operations)
  ) {
    const what = `Operation ${nodeId(wanted.service.node)} ${id}:`;
    differences.equal(`${what} count`, operation.count, expected.count);
    differences.equal(`${what} errors`, operation.error_count, expected.failed);
    differences.percentiles(what, [
      operation.p50_duration,
      operation.p95_duration,
      operation.p99_duration,
    ], expected.durations);
  }
  return differences.found;
}

/** Where the diagnostics are not what they have to be. */
export function diagnosticsDifferences(
  answer: Diagnostics,
  truth: KnownTruth,
): string[] {
  const differences = new Differences();
  const services = differences.index(
    "Service",
    answer.services,
    ({ id }) => id,
  );
  for (
    const [id, service, wanted] of differences.pairs(
      "Service",
      services,
      truth.services,
    )
  ) {
    const what = `Service ${id}:`;
    differences.equal(`${what} spans`, service.spans, wanted.spans);
    differences.equal(
      `${what} unpaired clients`,
      service.unpaired_clients,
      wanted.unpairedClients,
    );
    differences.equal(
      `${what} unpaired servers`,
      service.unpaired_servers,
      wanted.unpairedServers,
    );
    for (
      const counter of [
        "too_late",
        "skewed",
        "oversized_traces",
        "overflowed_edges",
        "overflowed_operations",
        "dropped_endpoints",
      ] as const
    ) differences.equal(`${what} ${counter}`, service[counter], 0);
  }
  return differences.found;
}

function compareEdge(
  differences: Differences,
  what: string,
  edge: ServiceEdge,
  wanted: TrueEdge,
): void {
  const { messaging } = edge;
  differences.equal(`${what} count`, edge.request_count, wanted.count);
  differences.equal(`${what} errors`, edge.error_count, wanted.failed);
  differences.equal(
    `${what} error rate`,
    edge.error_rate,
    wanted.failed / wanted.count,
  );
  differences.percentiles(`${what} latency`, [
    edge.latency_p50,
    edge.latency_p95,
    edge.latency_p99,
  ], wanted.latencies);
  differences.percentiles(`${what} client latency`, [
    edge.client_latency_p50,
    edge.client_latency_p95,
    edge.client_latency_p99,
  ], wanted.clientLatencies);
  if (wanted.connectionType !== "messaging_system") return;
  differences.equal(
    `${what} system`,
    messaging?.system,
    wanted.messagingSystem,
  );
  differences.equal(
    `${what} destination`,
    messaging?.destination,
    wanted.messagingDestination,
  );
  differences.percentiles(`${what} queue time`, [
    messaging?.queue_time_p50,
    messaging?.queue_time_p95,
    messaging?.queue_time_p99,
  ], wanted.queueTimes);
}

function answeredEdgeId(
  { from_id, to_id, connection_type }: ServiceEdge,
): string {
  return `${from_id} -[${connection_type}]-> ${to_id}`;
}

function trueNodes({ edges, services }: KnownTruth): Map<string, true> {
  const ends = [...edges.values()].flatMap(({ from, to }) => [from, to]);
  return new Map([
    ...ends.map((node): [string, true] => [nodeId(node), true]),
    ...[...services.keys()].map((id): [string, true] => [id, true]),
  ]);
}

// Requests it served; of a service that serves nothing, the work it began.
function requestsOf(service: TrueService) {
  return service.entries > 0
    ? {
      count: service.entries,
      failed: service.failedEntries,
      durations: service.entryDurations,
    }
    : {
      count: service.roots,
      failed: service.failedRoots,
      durations: service.rootDurations,
    };
}
