import { nodeId, type NodeIdentity } from "../../src/map/node_identity.ts";
import type { ConnectionType } from "../../src/map/service_window.ts";
import { isServerSide, StatusCode } from "../../src/map/span_kind.ts";
import type { ShopService } from "../../src/local/shop_services.ts";
import {
  durationNs,
  type ShopRequest,
  type ShopSpan,
  type ShopTraffic,
  type ShopUnpaired,
} from "../../src/local/shop_span.ts";

const NS_PER_MINUTE = 60_000_000_000n;
const KIND_NAMES = [
  "unspecified",
  "internal",
  "server",
  "client",
  "producer",
  "consumer",
] as const;

/** An edge as it has to be on the map. */
export interface TrueEdge {
  readonly from: NodeIdentity;
  readonly to: NodeIdentity;
  readonly connectionType: ConnectionType;
  readonly messagingSystem: string;
  readonly messagingDestination: string;
  count: number;
  failed: number;
  /** The server's where there is one, else the client's, ns. */
  readonly latencies: number[];
  readonly clientLatencies: number[];
  /** Times in the queue, ns. */
  readonly queueTimes: number[];
}

/** A service's operation as it has to be listed. */
export interface TrueOperation {
  readonly name: string;
  readonly kind: string;
  count: number;
  failed: number;
  readonly durations: number[];
}

/** What is known of one service. */
export interface TrueService {
  readonly service: ShopService;
  spans: number;
  /** SERVER and CONSUMER spans. */
  entries: number;
  failedEntries: number;
  readonly entryDurations: number[];
  /** Other spans without a parent. */
  roots: number;
  failedRoots: number;
  readonly rootDurations: number[];
  unpairedClients: number;
  unpairedServers: number;
  /** By kind and name. */
  readonly operations: Map<string, TrueOperation>;
}

/** What a complete map shows, exactly. */
export interface KnownTruth {
  /** By `trueEdgeId`. */
  readonly edges: Map<string, TrueEdge>;
  /** By `nodeId`. */
  readonly services: Map<string, TrueService>;
}

/** All that the traffic has to show. */
export function knownTruth(traffic: ShopTraffic): KnownTruth {
  const truth: KnownTruth = { edges: new Map(), services: new Map() };
  for (const request of traffic.requests) addRequest(truth, request);
  for (const span of traffic.spans) addSpan(truth, span);
  for (const unpaired of traffic.unpaired) {
    const service = serviceOf(truth, unpaired.service);
    if (unpaired.side === "client") service.unpairedClients++;
    else service.unpairedServers++;
  }
  return truth;
}

/** The part of the traffic that counts in one minute. */
export function trafficOfMinute(
  traffic: ShopTraffic,
  minuteS: number,
): ShopTraffic {
  function within({ endNs }: ShopSpan | ShopRequest | ShopUnpaired): boolean {
    return Number(endNs / NS_PER_MINUTE) * 60 === minuteS;
  }
  return {
    spans: traffic.spans.filter(within),
    requests: traffic.requests.filter(within),
    unpaired: traffic.unpaired.filter(within),
  };
}

/** The minutes in which something counts, unix seconds, in order. */
export function minutesOf(traffic: ShopTraffic): number[] {
  const minutes = new Set(
    traffic.spans.map(({ endNs }) => Number(endNs / NS_PER_MINUTE) * 60),
  );
  return [...minutes].sort((a, b) => a - b);
}

/** All minutes of the traffic, as a question's parameters. */
export function windowOf(
  traffic: ShopTraffic,
): { start: number; end: number } {
  const minutes = minutesOf(traffic);
  return { start: Math.min(...minutes), end: Math.max(...minutes) + 60 };
}

/** What tells one edge from another. */
export function trueEdgeId(
  edge: Pick<ShopRequest, "from" | "to" | "connectionType">,
): string {
  return `${nodeId(edge.from)} -[${edge.connectionType}]-> ${nodeId(edge.to)}`;
}

/**
 * The nearest-rank quantile: the smallest value that at least the share `q`
 * of the values does not exceed. 0 without any value.
 */
export function nearestRank(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? 0;
}

function addRequest(truth: KnownTruth, request: ShopRequest): void {
  const id = trueEdgeId(request);
  const edge: TrueEdge = truth.edges.get(id) ?? {
    from: request.from,
    to: request.to,
    connectionType: request.connectionType,
    messagingSystem: request.messagingSystem,
    messagingDestination: request.messagingDestination,
    count: 0,
    failed: 0,
    latencies: [],
    clientLatencies: [],
    queueTimes: [],
  };
  truth.edges.set(id, edge);
  edge.count++;
  if (request.failed) edge.failed++;
  const latencyNs = request.serverNs ?? request.clientNs;
  if (latencyNs !== null) edge.latencies.push(latencyNs);
  if (request.clientNs !== null) edge.clientLatencies.push(request.clientNs);
  if (request.queueNs !== null) edge.queueTimes.push(request.queueNs);
}

function addSpan(truth: KnownTruth, span: ShopSpan): void {
  const service = serviceOf(truth, span.service);
  const failed = span.status === StatusCode.ERROR ? 1 : 0;
  const ns = durationNs(span);
  service.spans++;
  if (isServerSide(span.kind)) {
    service.entries++;
    service.failedEntries += failed;
    service.entryDurations.push(ns);
  } else if (span.parentSpanId === "") {
    service.roots++;
    service.failedRoots += failed;
    service.rootDurations.push(ns);
  }
  const kind = KIND_NAMES[span.kind];
  const id = `${kind} ${span.name}`;
  const operation: TrueOperation = service.operations.get(id) ??
    { name: span.name, kind, count: 0, failed: 0, durations: [] };
  service.operations.set(id, operation);
  operation.count++;
  operation.failed += failed;
  operation.durations.push(ns);
}

function serviceOf(truth: KnownTruth, service: ShopService): TrueService {
  const id = nodeId(service.node);
  const known = truth.services.get(id);
  if (known !== undefined) return known;
  const added: TrueService = {
    service,
    spans: 0,
    entries: 0,
    failedEntries: 0,
    entryDurations: [],
    roots: 0,
    failedRoots: 0,
    rootDurations: [],
    unpairedClients: 0,
    unpairedServers: 0,
    operations: new Map(),
  };
  truth.services.set(id, added);
  return added;
}
