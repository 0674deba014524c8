import * as z from "zod/mini";
import { durationField, timeField } from "./answer_fields.ts";

const whole = z.int().check(z.minimum(0));

/** A trace shard that answered. */
export const shardStatusSchema = z.strictObject({
  shard: whole,
  reachable: z.literal(true),
  spans: whole.check(
    z.describe("Since its object was started, duplicates included."),
  ),
  hot_traces: whole,
  hot_spans: whole,
  waiting_halves: whole.check(
    z.describe("Halves of calls that wait for their other half."),
  ),
  halves_expired_early: whole.check(
    z.describe(
      "Those that waited less than `pair_wait`, since too many waited.",
    ),
  ),
  journal_bytes: whole,
  segments: whole,
  remembered_since: z.nullable(timeField).check(
    z.describe(
      "Spans that come again or late are told by traces back to then.",
    ),
  ),
  fresh_spans: whole.check(
    z.describe(
      "Spans that are kept one by one, until whole traces are put together.",
    ),
  ),
  kept_traces: whole.check(
    z.describe("Traces that are kept, and their bytes on disk."),
  ),
  kept_bytes: whole,
  kept_since: z.nullable(timeField).check(
    z.describe("Since when traces are kept."),
  ),
  late_spans: whole.check(
    z.describe("Spans that came too late to join their trace."),
  ),
  long_spans: whole.check(
    z.describe("Spans beyond what is kept of one trace."),
  ),
  crowded_spans: whole.check(
    z.describe(
      "Spans that were not kept, since too many waited to be put together.",
    ),
  ),
  sampled_out_traces: whole.check(
    z.describe("Traces that tail sampling left out."),
  ),
  undelivered_bytes: whole.check(
    z.describe("Bytes that services have not confirmed."),
  ),
  lag: durationField.check(z.describe("Age of the oldest of them.")),
}).register(z.globalRegistry, { id: "ShardStatus" });
