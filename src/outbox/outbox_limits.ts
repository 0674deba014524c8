/** Bytes of an outbox, where OUTBOX_MAX_BYTES says nothing: 256 MiB. */
export const DEFAULT_OUTBOX_BYTES = 256 * 1024 * 1024;
/** The least that OUTBOX_MAX_BYTES can be: 1 MiB. */
export const LEAST_OUTBOX_BYTES = 1024 * 1024;
/** The most: 8 GiB, since an object's storage ends at 10 GB. */
export const MOST_OUTBOX_BYTES = 8 * 1024 * 1024 * 1024;
/** Age of the oldest request, where OUTBOX_MAX_AGE_HOURS says nothing, h. */
export const DEFAULT_OUTBOX_AGE_H = 24;
/** The most that OUTBOX_MAX_AGE_HOURS can be: 30 days. */
export const MOST_OUTBOX_AGE_H = 720;
/** Dead letters of an outbox; beyond, the oldest goes. */
export const MAX_DEAD_LETTERS = 1000;
/** Bytes of the dead letters of an outbox, 64 MiB; beyond, the oldest goes. */
export const MAX_DEAD_LETTER_BYTES = 64 * 1024 * 1024;

/** How much an outbox keeps, and what it does beyond. */
export interface OutboxLimits {
  /** Bytes of all requests that wait, as `storedBytes` counts them. */
  readonly maxBytes: number;
  /** How old the oldest may become, ms. */
  readonly maxAgeMs: number;
  /** Takes no more, or lets the oldest go. */
  readonly whenFull: "refuse" | "drop_oldest";
}
