import * as z from "zod/mini";
import {
  MAX_NEW_SERVICES_PER_HOUR,
  MAX_SERVICES_PER_KEY,
  MAX_SERVICES_PER_TENANT,
} from "../directory/admit_ids.ts";
import { MAX_ANOMALIES } from "../anomaly/anomaly_limits.ts";
import { MAX_DRIFTS } from "../drift/drift_limits.ts";
import { MAX_MAPPINGS_PER_SERVICE } from "../resources/mapping_limits.ts";
import {
  MAX_GRAPH_BYTES,
  MAX_GRAPH_EDGES,
  MAX_GRAPH_NODES,
} from "../resources/resource_graph.ts";
import { HISTORY_RETENTION_S } from "../history/retention.ts";
import { DAY_S, HOUR_S, MINUTE_S } from "../history/window_range.ts";
import {
  MAX_EDGES_PER_SERVICE,
  MAX_ENDPOINTS_PER_SERVICE,
  MAX_OPERATIONS_PER_SERVICE,
} from "../map/window_entries.ts";
import {
  MAX_LINKS_PER_SPAN,
  MAX_SPANS_PER_REQUEST,
} from "../otlp/span_batch_builder.ts";
import {
  MAX_NAME_CHARS,
  MAX_TRACE_STATE_CHARS,
  MAX_VALUE_CHARS,
} from "../otlp/text_limits.ts";
import {
  MAX_DEAD_LETTER_BYTES,
  MAX_DEAD_LETTERS,
} from "../outbox/outbox_limits.ts";
import { MAX_KEYS_PER_TENANT } from "../access/key_store.ts";
import type { GraphState } from "../resources/graph_state.ts";
import {
  graphStateAnswer,
  graphStateSchema,
} from "../resources/resource_answer.ts";
import type { Settings } from "../settings.ts";
import {
  type Count,
  type CounterName,
  COUNTERS,
} from "../telemetry/counters.ts";
import {
  MAX_LATE_MS,
  MAX_SPANS_PER_TRACE,
  PAIR_WAIT_MS,
} from "../trace/join.ts";
import type { ShardLayout } from "../trace/ownership.ts";
import type { TraceShardStatus } from "../trace/shard_status.ts";
import { MAX_KEPT_SPAN_BYTES } from "../trace_store/span_block.ts";
import { MAX_TRACE_BYTES } from "../trace_store/trace_batch.ts";
import { MAX_WAITING_HALVES } from "../trace/waiting_halves.ts";
import { durationField, timeField } from "./answer_fields.ts";
import { nsOfMs, timeText } from "./figures.ts";
import { outboxAnswerSchema } from "./outbox_answer.ts";
import { shardStatusSchema } from "./shard_status_schema.ts";
import { VERSION } from "./version.ts";

const whole = z.int().check(z.minimum(0));

/** Answer to `GET /api/v1/status`. */
export const statusSchema = z.strictObject({
  service: z.literal("tracecore"),
  version: z.string(),
  timestamp: timeField,
  uptime: durationField.check(
    z.describe("Since this isolate was first asked anything."),
  ),
  spans: whole.check(
    z.describe("Spans taken in since the shards' objects were started."),
  ),
  lag: durationField.check(
    z.describe("Age of the oldest finding that its service has not confirmed."),
  ),
  services: whole.check(z.describe("Services known.")),
  counters: z.nullable(z.array(z.strictObject({
    name: z.enum(Object.keys(COUNTERS) as CounterName[]),
    reason: z.nullable(z.string()),
    count: whole,
  }))).check(
    z.describe(
      "What all isolates counted since ever; null where it could not be read.",
    ),
  ),
  outbox: z.array(outboxAnswerSchema).check(
    z.describe("What waits for each target that spans are forwarded to."),
  ),
  open_anomalies: whole.check(
    z.describe("Anomalies that were raised and last."),
  ),
  resource_graph: z.nullable(graphStateSchema).check(
    z.describe("What is known of the graph of resources; null: nothing."),
  ),
  limits: z.strictObject({
    body_bytes: whole,
    inflated_bytes: whole,
    services: whole,
    services_per_key: whole,
    new_services_per_key_and_hour: whole,
    edges_per_service: whole,
    operations_per_service: whole,
    endpoints_per_service: whole,
    spans_per_trace: whole,
    spans_per_request: whole,
    links_per_span: whole,
    name_chars: whole.check(
      z.describe(
        "UTF-16 units of a span's name, an attribute's value, a tracestate.",
      ),
    ),
    value_chars: whole,
    tracestate_chars: whole,
    keys: whole,
    kept_span_bytes: whole.check(
      z.describe("What is kept of one span, of one trace, and of all."),
    ),
    kept_trace_bytes: whole,
    kept_bytes: whole,
    traces_kept: durationField,
    outbox_bytes: whole.check(z.describe("What may wait for one target.")),
    dead_letters: whole,
    dead_letter_bytes: whole,
    drift_events: whole,
    anomalies: whole,
    graph_nodes: whole,
    graph_edges: whole,
    graph_bytes: whole,
    resources_per_service: whole,
    waiting_halves: whole.check(z.describe("Halves that wait in one shard.")),
    pair_wait: durationField,
    late: durationField,
    minutes_kept: durationField,
    hours_kept: durationField,
    days_kept: durationField,
  }),
  shard_epochs: z.array(z.strictObject({ shards: whole, since: timeField }))
    .check(
      z.describe(
        "How many trace shards there are, and were as far back as they know.",
      ),
    ),
  shards: z.array(z.union([
    shardStatusSchema,
    z.strictObject({ shard: whole, reachable: z.literal(false) }),
  ])).check(z.describe("Those of all these epochs.")),
}).register(z.globalRegistry, { id: "Status" });

/** How this deployment is doing. */
export type Status = z.infer<typeof statusSchema>;

/** What the status is made from. */
export interface StatusSource {
  readonly nowMs: number;
  /** When this isolate was first asked anything, ms since the epoch. */
  readonly startedMs: number;
  readonly settings: Settings;
  readonly services: number;
  /** The tenant's; null where they could not be read. */
  readonly counters: readonly Count[] | null;
  readonly outbox: readonly z.infer<typeof outboxAnswerSchema>[];
  /** Anomalies that were raised and last. */
  readonly openAnomalies: number;
  /** What is known of the graph; null: nothing. */
  readonly resourceGraph: GraphState | null;
  /** Epochs whose shards may still know traces, oldest first. */
  readonly epochs: ShardLayout;
  /** By number; null where one did not answer. */
  readonly shards: readonly (TraceShardStatus | null)[];
}

/** How this deployment is doing. */
export function status(source: StatusSource): Status {
  const { nowMs, settings } = source;
  const shards = source.shards.map((shard, index) =>
    shardStatus(shard, index, nowMs)
  );
  const reachable = shards.filter((shard) => shard.reachable);
  return {
    service: "tracecore",
    version: VERSION,
    timestamp: timeText(nowMs),
    uptime: nsOfMs(nowMs - source.startedMs),
    spans: reachable.reduce((sum, shard) => sum + shard.spans, 0),
    lag: reachable.reduce((most, shard) => Math.max(most, shard.lag), 0),
    services: source.services,
    counters: source.counters?.map(({ counter, reason, amount }) => ({
      name: counter,
      reason: reason === "" ? null : reason,
      count: amount,
    })) ?? null,
    outbox: [...source.outbox],
    open_anomalies: source.openAnomalies,
    resource_graph: graphStateAnswer(source.resourceGraph),
    limits: limits(settings),
    shard_epochs: source.epochs.map((epoch) => ({
      shards: epoch.shards,
      since: timeText(epoch.sinceMs),
    })),
    shards,
  };
}

function shardStatus(
  shard: TraceShardStatus | null,
  index: number,
  nowMs: number,
): Status["shards"][number] {
  if (shard === null) return { shard: index, reachable: false };
  const oldestMs = shard.oldestUndeliveredMs ?? nowMs;
  return {
    shard: index,
    reachable: true,
    spans: shard.spans,
    hot_traces: shard.hotTraces,
    hot_spans: shard.hotSpans,
    waiting_halves: shard.waitingHalves,
    halves_expired_early: shard.halvesExpiredEarly,
    journal_bytes: shard.journalBytes,
    segments: shard.segments,
    remembered_since: shard.oldestSegmentMs === null
      ? null
      : timeText(shard.oldestSegmentMs),
    fresh_spans: shard.traces.freshSpans,
    kept_traces: shard.traces.keptTraces,
    kept_bytes: shard.traces.keptBytes,
    kept_since: shard.traces.oldestBatchMs === null
      ? null
      : timeText(shard.traces.oldestBatchMs),
    late_spans: shard.traces.lateSpans,
    long_spans: shard.traces.longSpans,
    crowded_spans: shard.traces.crowdedSpans,
    sampled_out_traces: shard.traces.sampledOut,
    undelivered_bytes: shard.undeliveredBytes,
    lag: nsOfMs(Math.max(0, nowMs - oldestMs)),
  };
}

function limits(settings: Settings): Status["limits"] {
  return {
    body_bytes: settings.maxBodyBytes,
    inflated_bytes: settings.maxInflatedBytes,
    services: MAX_SERVICES_PER_TENANT,
    services_per_key: MAX_SERVICES_PER_KEY,
    new_services_per_key_and_hour: MAX_NEW_SERVICES_PER_HOUR,
    edges_per_service: MAX_EDGES_PER_SERVICE,
    operations_per_service: MAX_OPERATIONS_PER_SERVICE,
    endpoints_per_service: MAX_ENDPOINTS_PER_SERVICE,
    spans_per_trace: MAX_SPANS_PER_TRACE,
    spans_per_request: MAX_SPANS_PER_REQUEST,
    links_per_span: MAX_LINKS_PER_SPAN,
    name_chars: MAX_NAME_CHARS,
    value_chars: MAX_VALUE_CHARS,
    tracestate_chars: MAX_TRACE_STATE_CHARS,
    keys: MAX_KEYS_PER_TENANT,
    kept_span_bytes: MAX_KEPT_SPAN_BYTES,
    kept_trace_bytes: MAX_TRACE_BYTES,
    kept_bytes: settings.traceRetention.bytes,
    traces_kept: nsOfMs(settings.traceRetention.ageMs),
    outbox_bytes: settings.outbox.maxBytes,
    dead_letters: MAX_DEAD_LETTERS,
    dead_letter_bytes: MAX_DEAD_LETTER_BYTES,
    drift_events: MAX_DRIFTS,
    anomalies: MAX_ANOMALIES,
    graph_nodes: MAX_GRAPH_NODES,
    graph_edges: MAX_GRAPH_EDGES,
    graph_bytes: MAX_GRAPH_BYTES,
    resources_per_service: MAX_MAPPINGS_PER_SERVICE,
    waiting_halves: MAX_WAITING_HALVES,
    pair_wait: nsOfMs(PAIR_WAIT_MS),
    late: nsOfMs(MAX_LATE_MS),
    minutes_kept: nsOfMs(HISTORY_RETENTION_S[MINUTE_S] * 1000),
    hours_kept: nsOfMs(HISTORY_RETENTION_S[HOUR_S] * 1000),
    days_kept: nsOfMs(HISTORY_RETENTION_S[DAY_S] * 1000),
  };
}
