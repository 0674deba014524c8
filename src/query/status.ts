import * as z from "zod/mini";
import { MAX_SERVICES_PER_TENANT } from "../directory/admit_ids.ts";
import { HISTORY_RETENTION_S } from "../history/retention.ts";
import { DAY_S, HOUR_S, MINUTE_S } from "../history/window_range.ts";
import type { ForwardCounters } from "../ingest/forward.ts";
import {
  MAX_EDGES_PER_SERVICE,
  MAX_ENDPOINTS_PER_SERVICE,
  MAX_OPERATIONS_PER_SERVICE,
} from "../map/window_entries.ts";
import type { Settings } from "../settings.ts";
import {
  MAX_LATE_MS,
  MAX_SPANS_PER_TRACE,
  PAIR_WAIT_MS,
} from "../trace/join.ts";
import type { ShardLayout } from "../trace/ownership.ts";
import type { TraceShardStatus } from "../trace/shard_status.ts";
import { durationField, timeField } from "./answer_fields.ts";
import { nsOfMs, timeText } from "./figures.ts";
import { VERSION } from "./version.ts";

const whole = z.int().check(z.minimum(0));

/** Parameters of `GET /api/v1/status`: none. */
export const statusParameters = z.object({});

/** A trace shard that answered. */
export const shardStatusSchema = z.strictObject({
  shard: whole,
  reachable: z.literal(true),
  /** Since its object was started, duplicates included. */
  spans: whole,
  hot_traces: whole,
  hot_spans: whole,
  /** Halves of calls that wait for their other half. */
  waiting_halves: whole,
  journal_bytes: whole,
  segments: whole,
  /** Spans that come again or late are told by traces back to then. */
  remembered_since: z.nullable(timeField),
  /** Bytes that services have not confirmed. */
  undelivered_bytes: whole,
  /** Age of the oldest of them. */
  lag: durationField,
});

/** Answer to `GET /api/v1/status`. */
export const statusSchema = z.strictObject({
  service: z.literal("tracecore"),
  version: z.string(),
  timestamp: timeField,
  /** Since this isolate was first asked anything. */
  uptime: durationField,
  /** Spans taken in since the shards' objects were started. */
  spans: whole,
  /** Age of the oldest finding that its service has not confirmed. */
  lag: durationField,
  /** Services known. */
  services: whole,
  /** Requests passed on to Tempo by this isolate. */
  forward: z.strictObject({
    configured: z.boolean(),
    forwarded: whole,
    failed: whole,
    pending_bytes: whole,
    last_error: z.nullable(z.string()),
  }),
  limits: z.strictObject({
    body_bytes: whole,
    inflated_bytes: whole,
    services: whole,
    edges_per_service: whole,
    operations_per_service: whole,
    endpoints_per_service: whole,
    spans_per_trace: whole,
    pair_wait: durationField,
    late: durationField,
    minutes_kept: durationField,
    hours_kept: durationField,
    days_kept: durationField,
  }),
  /** How many trace shards there are, and were as far back as they know. */
  shard_epochs: z.array(z.strictObject({ shards: whole, since: timeField })),
  /** Those of all these epochs. */
  shards: z.array(z.union([
    shardStatusSchema,
    z.strictObject({ shard: whole, reachable: z.literal(false) }),
  ])),
});

/** How this deployment is doing. */
export type Status = z.infer<typeof statusSchema>;

/** What the status is made from. */
export interface StatusSource {
  readonly nowMs: number;
  /** When this isolate was first asked anything, ms since the epoch. */
  readonly startedMs: number;
  readonly settings: Settings;
  readonly services: number;
  readonly forward: ForwardCounters;
  /** Epochs whose shards may still know traces, oldest first. */
  readonly epochs: ShardLayout;
  /** By number; null where one did not answer. */
  readonly shards: readonly (TraceShardStatus | null)[];
}

/** How this deployment is doing. */
export function status(source: StatusSource): Status {
  const { nowMs, forward, settings } = source;
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
    forward: {
      configured: settings.tempo !== null,
      forwarded: forward.forwarded,
      failed: forward.failed,
      pending_bytes: forward.pendingBytes,
      last_error: forward.lastError,
    },
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
    journal_bytes: shard.journalBytes,
    segments: shard.segments,
    remembered_since: shard.oldestSegmentMs === null
      ? null
      : timeText(shard.oldestSegmentMs),
    undelivered_bytes: shard.undeliveredBytes,
    lag: nsOfMs(Math.max(0, nowMs - oldestMs)),
  };
}

function limits(settings: Settings): Status["limits"] {
  return {
    body_bytes: settings.maxBodyBytes,
    inflated_bytes: settings.maxInflatedBytes,
    services: MAX_SERVICES_PER_TENANT,
    edges_per_service: MAX_EDGES_PER_SERVICE,
    operations_per_service: MAX_OPERATIONS_PER_SERVICE,
    endpoints_per_service: MAX_ENDPOINTS_PER_SERVICE,
    spans_per_trace: MAX_SPANS_PER_TRACE,
    pair_wait: nsOfMs(PAIR_WAIT_MS),
    late: nsOfMs(MAX_LATE_MS),
    minutes_kept: nsOfMs(HISTORY_RETENTION_S[MINUTE_S] * 1000),
    hours_kept: nsOfMs(HISTORY_RETENTION_S[HOUR_S] * 1000),
    days_kept: nsOfMs(HISTORY_RETENTION_S[DAY_S] * 1000),
  };
}
