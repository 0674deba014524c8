import type { Failure } from "./classify_answer.ts";
import type { OutboxState } from "./outbox_state.ts";

/** No attempt is made. */
export const NOT_CONFIGURED: Failure = {
  kind: "misconfigured",
  reason: "The target is configured no longer: configure it again, or what " +
    "waits is dropped at OUTBOX_MAX_AGE_HOURS",
  label: "not_configured",
  status: null,
  retryAfterMs: null,
};

/** Counts an attempt that failed, or that there could be none. */
export function countFailure(
  state: OutboxState,
  { label, reason }: Failure,
  nowMs: number,
): void {
  if (label !== NOT_CONFIGURED.label) state.attempts++;
  state.failed[label] = (state.failed[label] ?? 0) + 1;
  noteError(state, reason, nowMs);
}

/** Notes what went wrong last. */
export function noteError(
  state: OutboxState,
  reason: string,
  nowMs: number,
): void {
  state.lastError = reason;
  state.lastErrorMs = nowMs;
}
