import { admit } from "./admit_request.ts";
import {
  MAX_DEAD_LETTER_BYTES,
  MAX_DEAD_LETTERS,
  type OutboxLimits,
} from "./outbox_limits.ts";
import type { OutboxState } from "./outbox_state.ts";
import type { DeadLetter, OutboxStore, StoredRequest } from "./outbox_store.ts";

/** Why a request goes to the dead letters. */
export type Refusal = Pick<DeadLetter, "reason" | "status">;

/**
 * Makes a request a dead letter, in the caller's transaction; the oldest go
 * where there are too many.
 */
export function bury(
  store: OutboxStore,
  state: OutboxState,
  { meta, refusal }: {
    readonly meta: StoredRequest;
    readonly refusal: Refusal;
  },
): void {
  store.bury(meta, refusal);
  state.deadLettered++;
  state.deadLetters++;
  state.deadLetterBytes += meta.bytes;
  while (
    state.deadLetters > MAX_DEAD_LETTERS ||
    state.deadLetterBytes > MAX_DEAD_LETTER_BYTES
  ) {
    const [oldest] = store.deadLetters(0, 1);
    if (oldest === undefined) return;
    forget(store, state, oldest);
    state.deadLettersDropped++;
  }
}

/** Forgets a dead letter and its body, in the caller's transaction. */
export function forget(
  store: OutboxStore,
  state: OutboxState,
  letter: DeadLetter,
): void {
  store.deleteBody(letter.bodyId);
  exhume(store, state, letter);
}

/**
 * Puts a dead letter back into the queue, in the caller's transaction.
 *
 * @returns Whether there is room for it.
 */
export function revive(
  store: OutboxStore,
  state: OutboxState,
  { letter, nowMs, limits }: {
    readonly letter: DeadLetter;
    readonly nowMs: number;
    readonly limits: OutboxLimits;
  },
): boolean {
  const { bytes } = letter;
  // Nothing is let go to make room for what has failed once.
  const refusing = { ...limits, whenFull: "refuse" as const };
  const admission = admit(store, state, { bytes, nowMs, limits: refusing });
  if (!admission.ok) return false;
  exhume(store, state, letter);
  store.revive(letter, nowMs);
  state.items++;
  state.bytes += bytes;
  state.replayed++;
  return true;
}

function exhume(
  store: OutboxStore,
  state: OutboxState,
  letter: DeadLetter,
): void {
  store.deleteDeadLetter(letter.id);
  state.deadLetters--;
  state.deadLetterBytes -= letter.bytes;
}
