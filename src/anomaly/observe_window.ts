import type { Histogram } from "../map/histogram.ts";
import { nodeId } from "../map/node_identity.ts";
import type { Sample } from "../map/sample.ts";
import type { EdgeStats, ServiceWindow } from "../map/service_window.ts";
import { SpanKind } from "../map/span_kind.ts";
import { OVERFLOW_NAME } from "../map/window_entries.ts";
import type { AnomalyEdge } from "./anomaly.ts";
import { MAX_WATCHED_ID_LENGTH } from "./anomaly_limits.ts";
import type { Observation } from "./stretch.ts";

/** What one minute's window says of an edge, or of what the service serves. */
export interface SeenInWindow {
  /** null: what the service serves. */
  readonly edge: AnomalyEdge | null;
  readonly observation: Observation;
  /** Traces that show it. */
  readonly samples: () => readonly Sample[];
}

/** The key of what the service serves. */
export const SERVED = "";

/**
 * What is watched of a minute, the busiest first: each edge that leaves the
 * service, and what it serves; of one that serves nothing, its root spans.
 *
 * Left out: calls that come from a node that no span comes from, which are
 * what the service serves, once more; and what was too much to be told apart.
 */
export function observeWindow(
  window: Readonly<ServiceWindow>,
  { minute, service, serves }: {
    /** Minutes since the epoch. */
    readonly minute: number;
    /** `nodeId` of the service. */
    readonly service: string;
    readonly serves: boolean;
  },
): ReadonlyMap<string, SeenInWindow> {
  const served = serves ? window.entries : window.roots;
  const seen = new Map<string, SeenInWindow>([[SERVED, {
    edge: null,
    observation: observation(minute, served.duration, served.failed),
    samples: () => servedSamples(window),
  }]]);
  const edges = [...window.edges]
    .filter(([id, edge]) => isWatched(id, edge, service))
    .sort(([, a], [, b]) => b.latency.count - a.latency.count);
  for (const [id, { key, latency, failed, samples }] of edges) {
    seen.set(id, {
      edge: {
        id,
        from: nodeId(key.from),
        to: nodeId(key.to),
        connectionType: key.connectionType,
      },
      observation: observation(minute, latency, failed),
      samples: () => samples,
    });
  }
  return seen;
}

function isWatched(id: string, { key }: EdgeStats, service: string): boolean {
  return id.length <= MAX_WATCHED_ID_LENGTH && key.to.name !== OVERFLOW_NAME &&
    nodeId(key.from) === service;
}

function observation(
  minute: number,
  durations: Histogram,
  failed: number,
): Observation {
  const count = Math.max(0, durations.count);
  return {
    minute,
    count,
    failed: Math.min(count, Math.max(0, failed)),
    missed: 0,
    p95: count > 0
      ? Math.log2(Math.max(1, durations.quantile(0.95)))
      : Number.NaN,
  };
}

function servedSamples(window: Readonly<ServiceWindow>): readonly Sample[] {
  return [...window.operations.values()]
    .filter(({ kind }) =>
      kind === SpanKind.SERVER || kind === SpanKind.CONSUMER
    )
    .flatMap(({ samples }) => samples);
}
