import type * as z from "zod/mini";
import { durationField } from "../query/answer_fields.ts";
import { type Status, statusSchema } from "../query/status.ts";
import { counterMetrics } from "./counter_metrics.ts";
import type { Count } from "./counters.ts";
import { type Figure, figureMetrics } from "./figure.ts";
import type { Metric } from "./metric.ts";
import { outboxMetrics } from "./outbox_metrics.ts";

type ShardStatus = Extract<Status["shards"][number], { reachable: true }>;

const NS_PER_S = 1e9;

/** A shard's figures, by the name that they have after `tracecore_shard_`. */
const SHARD_FIGURES: readonly Figure<ShardStatus>[] = [
  {
    name: "spans",
    help: "Spans that came since the shard's object started, with duplicates",
    type: "counter",
    of: (shard) => shard.spans,
  },
  {
    name: "hot_traces",
    help: "Traces in memory",
    type: "gauge",
    of: (shard) => shard.hot_traces,
  },
  {
    name: "hot_spans",
    help: "Spans in memory",
    type: "gauge",
    of: (shard) => shard.hot_spans,
  },
  {
    name: "waiting_halves",
    help: "Halves of calls that wait for their other half",
    type: "gauge",
    of: (shard) => shard.waiting_halves,
  },
  {
    name: "halves_expired_early",
    help: "Halves that no longer waited since too many did",
    type: "counter",
    of: (shard) => shard.halves_expired_early,
  },
  {
    name: "journal_bytes",
    help: "Bytes of the journal since the last checkpoint",
    type: "gauge",
    of: (shard) => shard.journal_bytes,
  },
  {
    name: "segments",
    help: "Segments of older traces on disk",
    type: "gauge",
    of: (shard) => shard.segments,
  },
  {
    name: "undelivered_bytes",
    help: "Bytes that services have not confirmed",
    type: "gauge",
    of: (shard) => shard.undelivered_bytes,
  },
  {
    name: "lag_seconds",
    help: "Age of the oldest finding that its service has not confirmed",
    type: "gauge",
    of: (shard) => shard.lag / NS_PER_S,
  },
  {
    name: "remembered_since_seconds",
    help: "Time back to which traces on disk are known, since the epoch",
    type: "gauge",
    of: ({ remembered_since: since }) =>
      since === null ? null : Date.parse(since) / 1000,
  },
  {
    name: "fresh_spans",
    help: "Spans that are kept one by one until traces are put together",
    type: "gauge",
    of: (shard) => shard.fresh_spans,
  },
  {
    name: "kept_traces",
    help: "Traces that are kept",
    type: "gauge",
    of: (shard) => shard.kept_traces,
  },
  {
    name: "kept_bytes",
    help: "Bytes on disk of the traces that are kept",
    type: "gauge",
    of: (shard) => shard.kept_bytes,
  },
  {
    name: "late_spans",
    help: "Spans that came too late to join their trace",
    type: "counter",
    of: (shard) => shard.late_spans,
  },
  {
    name: "long_spans",
    help: "Spans beyond what is kept of one trace",
    type: "counter",
    of: (shard) => shard.long_spans,
  },
  {
    name: "crowded_spans",
    help: "Spans that were not kept, since too many waited to be put together",
    type: "counter",
    of: (shard) => shard.crowded_spans,
  },
  {
    name: "sampled_out_traces",
    help: "Traces that tail sampling left out",
    type: "counter",
    of: (shard) => shard.sampled_out_traces,
  },
];

/**
 * The figures of a status as metrics, so that both always say the same. Their
 * number does not grow with traffic: there is none for each service.
 */
export function statusMetrics(status: Status): readonly Metric[] {
  return [
    gauge("build_info", "The version that answers, in its label", [{
      labels: { version: status.version },
      value: 1,
    }]),
    gauge("services", "Services known", [{
      labels: {},
      value: status.services,
    }]),
    gauge("limit", "Limits in force, by name", limitSamples(status.limits)),
    gauge(
      "shard_up",
      "Whether the trace shard answered",
      status.shards.map(({ shard, reachable }) => ({
        labels: { shard: String(shard) },
        value: reachable ? 1 : 0,
      })),
    ),
    ...figureMetrics("tracecore_shard_", SHARD_FIGURES, {
      parts: status.shards.filter((shard) => shard.reachable),
      labels: ({ shard }) => ({ shard: String(shard) }),
    }),
    ...outboxMetrics(status),
    gauge("counters_up", "Whether the counters of the tenant were read", [{
      labels: {},
      value: status.counters === null ? 0 : 1,
    }]),
    ...(status.counters === null
      ? []
      : counterMetrics(countsOf(status.counters), "tracecore")),
  ];
}

function gauge(
  name: string,
  help: string,
  samples: Metric["samples"],
): Metric {
  return { name: `tracecore_${name}`, help, type: "gauge", samples };
}

/** Durations in s, and named so, as Prometheus wants them. */
function limitSamples(limits: Status["limits"]): Metric["samples"] {
  const fields: Readonly<Record<string, z.ZodMiniType>> =
    statusSchema.shape.limits.shape;
  return Object.entries(limits).map(([name, value]) =>
    fields[name] === durationField
      ? { labels: { name: `${name}_seconds` }, value: value / NS_PER_S }
      : { labels: { name }, value }
  );
}

function countsOf(
  counters: NonNullable<Status["counters"]>,
): readonly Count[] {
  return counters.map(({ name, reason, count }) => ({
    counter: name,
    reason: reason ?? "",
    amount: count,
  }));
}
