import type { Status } from "../query/status.ts";
import { type Figure, figureMetrics } from "./figure.ts";
import type { Metric, MetricSample } from "./metric.ts";

type OutboxStatus = Extract<Status["outbox"][number], { reachable: true }>;

const NS_PER_S = 1e9;

/** Figures of a target's outbox, by their name after `tracecore_outbox_`. */
const FIGURES: readonly Figure<OutboxStatus>[] = [
  {
    name: "items",
    help: "Requests that wait for the target",
    type: "gauge",
    of: (outbox) => outbox.items,
  },
  {
    name: "bytes",
    help: "Bytes of them",
    type: "gauge",
    of: (outbox) => outbox.bytes,
  },
  {
    name: "lag_seconds",
    help: "Age of the oldest of them",
    type: "gauge",
    of: (outbox) => outbox.lag / NS_PER_S,
  },
  {
    name: "dead_letters",
    help: "Requests that the target refused for good",
    type: "gauge",
    of: (outbox) => outbox.dead_letters,
  },
  {
    name: "attempts",
    help: "Attempts to send what waited",
    type: "counter",
    of: ({ counters }) => counters.attempts,
  },
  {
    name: "delivered",
    help: "Requests that waited and were taken",
    type: "counter",
    of: ({ counters }) => counters.delivered,
  },
  {
    name: "rejected_by_target",
    help: "Spans refused in requests that were taken",
    type: "counter",
    of: ({ counters }) => counters.rejected_by_target,
  },
  {
    name: "dead_letters_dropped",
    help: "Dead letters let go since there were too many",
    type: "counter",
    of: ({ counters }) => counters.dead_letters_dropped,
  },
];

/** How each target's outbox is doing, as metrics. */
export function outboxMetrics(
  { outbox }: Pick<Status, "outbox">,
): readonly Metric[] {
  const reachable = outbox.filter((target) => target.reachable);
  return [
    {
      name: "tracecore_outbox_up",
      help: "Whether the target's outbox answered",
      type: "gauge",
      samples: outbox.map(({ target, reachable: up }) => ({
        labels: { target },
        value: up ? 1 : 0,
      })),
    },
    ...figureMetrics("tracecore_outbox_", FIGURES, {
      parts: reachable,
      labels: ({ target }) => ({ target }),
    }),
    {
      name: "tracecore_outbox_dropped",
      help: "Requests let go, by reason",
      type: "counter",
      samples: byReason(reachable, ({ counters }) => counters.dropped),
    },
    {
      name: "tracecore_outbox_failures",
      help: "Attempts that failed, by status or kind",
      type: "counter",
      samples: byReason(reachable, ({ counters }) => counters.failed),
    },
  ];
}

function byReason(
  outboxes: readonly OutboxStatus[],
  of: (outbox: OutboxStatus) => Readonly<Record<string, number>>,
): readonly MetricSample[] {
  return outboxes.flatMap((outbox) =>
    Object.entries(of(outbox)).map(([reason, value]) => ({
      labels: { target: outbox.target, reason },
      value,
    }))
  );
}
