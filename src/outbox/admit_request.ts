import type { OutboxLimits } from "./outbox_limits.ts";
import type { DropReason, OutboxState } from "./outbox_state.ts";
import type { Item, OutboxStore } from "./outbox_store.ts";

/** Whether there is room for a request, or why there is none. */
export type Admission =
  | {
    readonly ok: true;
    /** It is let go at once, since it alone is larger than the outbox. */
    readonly dropped: boolean;
  }
  | { readonly ok: false; readonly reason: string };

/** A request that wants to be stored. */
export interface WantedRoom {
  /** As `storedBytes` counts them. */
  readonly bytes: number;
  /** Now, ms since the epoch. */
  readonly nowMs: number;
  readonly limits: OutboxLimits;
}

/**
 * Decides whether a request is stored, in the caller's transaction; lets the
 * oldest go to make room for it where the limits say so.
 */
export function admit(
  store: OutboxStore,
  state: OutboxState,
  { bytes, nowMs, limits }: WantedRoom,
): Admission {
  const { maxBytes, maxAgeMs, whenFull } = limits;
  const beforeMs = nowMs - maxAgeMs;
  if (whenFull === "refuse") {
    const reason = state.bytes + bytes > maxBytes
      ? `it holds ${state.bytes} bytes of ${maxBytes} (OUTBOX_MAX_BYTES)`
      : state.items > 0 && (store.oldest()?.storedMs ?? nowMs) < beforeMs
      ? `its oldest has waited longer than ${maxAgeMs} ms (OUTBOX_MAX_AGE_HOURS)`
      : null;
    return reason === null
      ? { ok: true, dropped: false }
      : { ok: false, reason: `The outbox is full: ${reason}` };
  }
  if (bytes > maxBytes) {
    state.dropped.too_large++;
    return { ok: true, dropped: true };
  }
  if (state.items > 0) dropOld(store, state, { beforeMs, reason: "age" });
  while (state.bytes + bytes > maxBytes) {
    const oldest = store.oldest();
    if (oldest === null) break;
    drop(store, state, { oldest, reason: "bytes" });
  }
  return { ok: true, dropped: false };
}

/** Lets go what was stored before a time, ms since the epoch. */
export function dropOld(
  store: OutboxStore,
  state: OutboxState,
  { beforeMs, reason }: {
    readonly beforeMs: number;
    readonly reason: DropReason;
  },
): void {
  for (;;) {
    const oldest = store.oldest();
    if (oldest === null || oldest.storedMs >= beforeMs) return;
    drop(store, state, { oldest, reason });
  }
}

function drop(
  store: OutboxStore,
  state: OutboxState,
  { oldest, reason }: { readonly oldest: Item; readonly reason: DropReason },
): void {
  store.deleteItem(oldest.id);
  store.deleteBody(oldest.bodyId);
  state.items--;
  state.bytes -= oldest.bytes;
  state.dropped[reason]++;
}
