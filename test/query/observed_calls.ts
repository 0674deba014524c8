import fc from "fast-check";
import { nodeId, type NodeIdentity } from "../../src/map/node_identity.ts";
import {
  type ConnectionType,
  type EdgeKey,
  emptyWindow,
  type ServiceWindow,
} from "../../src/map/service_window.ts";
import { edgeOf, operationOf } from "../../src/map/window_entries.ts";
import { SpanKind, StatusCode } from "../../src/map/span_kind.ts";
import type { SourceWindow } from "../../src/history/source_window.ts";

/** A day's start, unix seconds. */
export const DAY_START_S = 1_790_000_000 - (1_790_000_000 % 86_400);
/** The first day is one window, the next 6 hours are hours, then 2 in minutes. */
export const OBSERVED_S = 86_400 + 8 * 3600;
/** When it is asked for, ms. */
export const NOW_MS = (DAY_START_S + OBSERVED_S) * 1000;

/** A service that sends spans. */
export const SERVICES: readonly NodeIdentity[] = [
  { namespace: "shop", name: "web", environment: "prod" },
  { namespace: "shop", name: "cart", environment: "prod" },
  { namespace: "shop", name: "cart", environment: "staging" },
  { namespace: "bank", name: "pay", environment: "prod" },
  { namespace: "", name: "mail", environment: "" },
];

/** Nodes that send none. */
export const OTHERS: readonly NodeIdentity[] = [
  { namespace: "", name: "postgres", environment: "" },
  { namespace: "", name: "api.example", environment: "" },
];

/** A call as it happened. */
export interface ObservedCall {
  /** s since `DAY_START_S`. */
  readonly atS: number;
  readonly key: EdgeKey;
  readonly durationNs: number;
  readonly clientNs: number | null;
  readonly failed: boolean;
  readonly weight: number;
  /** Whether a later correction took it back. */
  readonly corrected: boolean;
}

/** A span that a service reported. */
export interface ObservedSpan {
  /** s since `DAY_START_S`. */
  readonly atS: number;
  readonly service: NodeIdentity;
  readonly kind: SpanKind;
  readonly operation: string;
  readonly durationNs: number;
  readonly failed: boolean;
  readonly weight: number;
  readonly traits: number;
}

/** All that happened. */
export interface Observed {
  readonly calls: readonly ObservedCall[];
  readonly spans: readonly ObservedSpan[];
}

const atS = fc.integer({ min: 0, max: OBSERVED_S - 1 });
const durationNs = fc.integer({ min: 1_000, max: 5_000_000_000 });
const weight = fc.constantFrom(1, 2, 4 / 3);

function edgeKey(
  from: NodeIdentity,
  to: NodeIdentity,
  [kind, destination]: readonly [ConnectionType, string],
): EdgeKey {
  const real = SERVICES.includes(to);
  const connectionType = real
    ? (kind === "messaging_system" ? kind : "")
    : kind === "database"
    ? kind
    : "virtual_node";
  const messaging = connectionType === "messaging_system";
  return {
    from,
    to,
    connectionType,
    system: messaging ? "kafka" : "",
    destination: messaging ? destination : "",
  };
}

const call: fc.Arbitrary<ObservedCall> = fc.record({
  atS,
  key: fc.tuple(
    fc.constantFrom(...SERVICES),
    fc.constantFrom(...SERVICES, ...OTHERS),
    fc.tuple(
      fc.constantFrom<ConnectionType>("", "messaging_system", "database"),
      fc.constantFrom("orders", "mails"),
    ),
  ).map(([from, to, kind]) => edgeKey(from, to, kind)),
  durationNs,
  clientNs: fc.option(durationNs),
  failed: fc.boolean(),
  weight,
  corrected: fc.integer({ min: 0, max: 5 }).map((roll) => roll === 0),
});

const span: fc.Arbitrary<ObservedSpan> = fc.record({
  atS,
  service: fc.constantFrom(...SERVICES),
  kind: fc.constantFrom(SpanKind.SERVER, SpanKind.CONSUMER, SpanKind.INTERNAL),
  operation: fc.constantFrom("GET /", "take", "work"),
  durationNs,
  failed: fc.boolean(),
  weight,
  traits: fc.constantFrom(0, 16, 256),
});

/** Random calls and spans of a day and a bit. */
export const observedArbitrary: fc.Arbitrary<Observed> = fc.record({
  calls: fc.array(call, { maxLength: 40 }),
  spans: fc.array(span, { maxLength: 40 }),
});

/** The windows that the services' objects would have made of it. */
export function windowsOf({ calls, spans }: Observed): SourceWindow[] {
  const windows = new Map<string, SourceWindow>();
  for (const observed of calls) {
    const { window } = windowAt(windows, observed.key.from, observed.atS);
    recordCall(window, observed, 1);
    if (observed.corrected) recordCall(window, observed, -1);
  }
  for (const observed of spans) {
    const { window } = windowAt(windows, observed.service, observed.atS);
    recordSpan(window, observed);
  }
  return [...windows.values()];
}

function windowAt(
  windows: Map<string, SourceWindow>,
  service: NodeIdentity,
  second: number,
): SourceWindow {
  const resolution = second < 86_400
    ? 86_400
    : second < 86_400 + 6 * 3600
    ? 3600
    : 60;
  const startS = DAY_START_S + second - (second % resolution);
  const id = `${nodeId(service)} ${resolution} ${startS}`;
  const known = windows.get(id) ??
    { service, resolution, startS, window: emptyWindow() };
  windows.set(id, known);
  return known;
}

function recordCall(
  window: ServiceWindow,
  { key, failed, durationNs, clientNs, weight, atS }: ObservedCall,
  sign: 1 | -1,
): void {
  const edge = edgeOf(window, key);
  edge.latency.record(durationNs, weight * sign);
  if (clientNs !== null) edge.client.record(clientNs, weight * sign);
  if (failed) edge.failed += weight * sign;
  if (sign === -1 || edge.samples.length >= 3) return;
  edge.samples.push({
    traceId: atS.toString(16).padStart(32, "0"),
    durationNs,
    failed,
    endMs: (DAY_START_S + atS) * 1000,
  });
}

function recordSpan(window: ServiceWindow, observed: ObservedSpan): void {
  const { durationNs, weight, failed } = observed;
  const ms = (DAY_START_S + observed.atS) * 1000;
  const requests = observed.kind === SpanKind.INTERNAL
    ? window.roots
    : window.entries;
  requests.duration.record(durationNs, weight);
  if (failed) requests.failed += weight;
  const status = failed ? StatusCode.ERROR : StatusCode.UNSET;
  const { operation: name, kind } = observed;
  operationOf(window, { name, kind, status }).duration
    .record(durationNs, weight);
  window.counters.spans++;
  window.traits |= observed.traits;
  window.endpoints.add(observed.operation);
  window.firstSeenMs = Math.min(window.firstSeenMs, ms);
  window.lastSeenMs = Math.max(window.lastSeenMs, ms);
}
