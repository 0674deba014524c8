import * as z from "zod/mini";
import { durationField, timeField } from "./answer_fields.ts";
import { nsOfMs, timeText } from "./figures.ts";
import type { OutboxLimits } from "../outbox/outbox_limits.ts";
import { newOutboxState } from "../outbox/outbox_state.ts";
import type { OutboxStatus } from "../outbox/outbox_status.ts";
import type { DeadLetter } from "../outbox/outbox_store.ts";

const whole = z.int().check(z.minimum(0));

/** A target whose outbox answered. */
export const outboxTargetSchema = z.strictObject({
  target: z.string(),
  configured: z.boolean().check(
    z.describe("Otherwise what waits is dropped once it is too old."),
  ),
  reachable: z.literal(true),
  items: whole.check(z.describe("Requests that wait.")),
  bytes: whole,
  max_bytes: whole,
  lag: durationField.check(z.describe("Age of the oldest.")),
  max_lag: durationField,
  when_full: z.literal(["refuse", "drop_oldest"]),
  failures_in_a_row: whole.check(
    z.describe("Failures since the last success."),
  ),
  next_attempt: z.nullable(timeField).check(
    z.describe("null where nothing waits, or it is due."),
  ),
  last_error: z.nullable(z.string()),
  last_error_at: z.nullable(timeField),
  last_delivered: z.nullable(timeField),
  dead_letters: whole,
  dead_letter_bytes: whole,
  counters: z.strictObject({
    stored: whole,
    attempts: whole,
    delivered: whole,
    rejected_by_target: whole.check(
      z.describe("Spans that the target refused in requests that it took."),
    ),
    dead_lettered: whole,
    dead_letters_dropped: whole,
    replayed: whole,
    dropped: z.record(z.string(), whole).check(
      z.describe("Requests let go, by reason."),
    ),
    failed: z.record(z.string(), whole).check(
      z.describe("Attempts that failed, by status or kind."),
    ),
  }).check(z.describe("Since the outbox began.")),
});

const unreachableSchema = z.strictObject({
  target: z.string(),
  configured: z.boolean(),
  reachable: z.literal(false),
});

/** One target. */
export const outboxAnswerSchema = z.union([
  outboxTargetSchema,
  unreachableSchema,
]).register(z.globalRegistry, { id: "OutboxTarget" });

/** Answer to `GET /api/v1/outbox`. */
export const outboxListSchema = z.strictObject({
  targets: z.array(outboxAnswerSchema),
}).register(z.globalRegistry, { id: "OutboxList" });

/** Answer to `GET /api/v1/outbox/{target}/dead-letters`. */
export const deadLettersSchema = z.strictObject({
  dead_letters: z.array(z.strictObject({
    id: whole,
    stored: timeField,
    reason: z.string(),
    status: z.nullable(whole).check(
      z.describe("null where the target did not answer."),
    ),
    bytes: whole,
    content_type: z.string(),
    content_encoding: z.nullable(z.string()),
  })),
  next_cursor: z.nullable(z.string()).check(z.describe("null at the end.")),
}).register(z.globalRegistry, { id: "DeadLetters" });

/** Answer to `POST /api/v1/outbox/{target}/dead-letters/replay`. */
export const replaySchema = z.strictObject({
  replayed: whole.check(
    z.describe("Put back into the queue, as its youngest."),
  ),
  unknown: z.array(whole).check(z.describe("Asked for, but not there.")),
  refused: whole.check(
    z.describe("Left where they are, since the queue is full."),
  ),
}).register(z.globalRegistry, { id: "Replay" });

/** What the answer about a target is made from. */
export interface OutboxSource {
  readonly target: string;
  readonly configured: boolean;
  readonly limits: OutboxLimits;
  /** Now, ms since the epoch. */
  readonly nowMs: number;
}

/** How a target's outbox is doing; null where it has never held anything. */
export function outboxAnswer(
  status: OutboxStatus | null,
  source: OutboxSource,
): z.infer<typeof outboxTargetSchema> {
  const { nowMs, limits } = source;
  const state = status ?? { ...newOutboxState(), oldestMs: null };
  const waits = state.items > 0 && state.nextAttemptMs > nowMs;
  return {
    target: source.target,
    configured: source.configured,
    reachable: true,
    items: state.items,
    bytes: state.bytes,
    max_bytes: limits.maxBytes,
    lag: nsOfMs(Math.max(0, nowMs - (state.oldestMs ?? nowMs))),
    max_lag: nsOfMs(limits.maxAgeMs),
    when_full: limits.whenFull,
    failures_in_a_row: state.failures,
    next_attempt: waits ? timeText(state.nextAttemptMs) : null,
    last_error: state.lastError,
    last_error_at: timeOrNull(state.lastErrorMs),
    last_delivered: timeOrNull(state.lastDeliveredMs),
    dead_letters: state.deadLetters,
    dead_letter_bytes: state.deadLetterBytes,
    counters: {
      stored: state.stored,
      attempts: state.attempts,
      delivered: state.delivered,
      rejected_by_target: state.rejectedByTarget,
      dead_lettered: state.deadLettered,
      dead_letters_dropped: state.deadLettersDropped,
      replayed: state.replayed,
      dropped: state.dropped,
      failed: state.failed,
    },
  };
}

/**
 * A page of dead letters.
 *
 * @param letters One more than `limit` where there is a next page.
 */
export function deadLettersAnswer(
  letters: readonly DeadLetter[],
  limit: number,
): z.infer<typeof deadLettersSchema> {
  const page = letters.slice(0, limit);
  const last = page.at(-1);
  return {
    dead_letters: page.map((letter) => ({
      id: letter.id,
      stored: timeText(letter.storedMs),
      reason: letter.reason,
      status: letter.status,
      bytes: letter.bytes,
      content_type: letter.contentType,
      content_encoding: letter.contentEncoding,
    })),
    next_cursor: letters.length > limit && last !== undefined
      ? String(last.id)
      : null,
  };
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : timeText(ms);
}
