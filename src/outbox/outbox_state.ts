/** Why requests that waited were let go. */
export type DropReason = "age" | "bytes" | "not_configured" | "too_large";

/** What an outbox knows of itself; on disk with each change. */
export interface OutboxState {
  /** Requests that wait. */
  items: number;
  bytes: number;
  deadLetters: number;
  deadLetterBytes: number;
  /** Failures in a row. */
  failures: number;
  /** What is sent at once, from before it is sent until it has an end. */
  batch: {
    readonly lastId: number;
    /** What a server knows it by. */
    readonly token: string;
  } | null;
  /** Before then the target is left alone, ms since the epoch. */
  nextAttemptMs: number;
  lastError: string | null;
  /** ms since the epoch. */
  lastErrorMs: number | null;
  lastDeliveredMs: number | null;
  /** All that were ever stored to be sent. */
  stored: number;
  attempts: number;
  delivered: number;
  /** Spans that the target refused in requests that it took. */
  rejectedByTarget: number;
  deadLettered: number;
  /** Dead letters that went because of their own limit. */
  deadLettersDropped: number;
  replayed: number;
  readonly dropped: Record<DropReason, number>;
  /** Attempts that failed, by `Failure.label`. */
  readonly failed: Record<string, number>;
}

/** An outbox that nothing has happened to. */
export function newOutboxState(): OutboxState {
  return {
    items: 0,
    bytes: 0,
    deadLetters: 0,
    deadLetterBytes: 0,
    failures: 0,
    batch: null,
    nextAttemptMs: 0,
    lastError: null,
    lastErrorMs: null,
    lastDeliveredMs: null,
    stored: 0,
    attempts: 0,
    delivered: 0,
    rejectedByTarget: 0,
    deadLettered: 0,
    deadLettersDropped: 0,
    replayed: 0,
    dropped: { age: 0, bytes: 0, not_configured: 0, too_large: 0 },
    failed: {},
  };
}
