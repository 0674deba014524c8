import type { OutboxState } from "./outbox_state.ts";

/** How an outbox is doing. */
export interface OutboxStatus extends Readonly<OutboxState> {
  /** When the oldest that waits was stored, ms since the epoch, or null. */
  readonly oldestMs: number | null;
}
