import type { TempoQueryTarget } from "../outbox/otlp_target.ts";

/** Who asks Tempo's query API for traces. */
export interface TempoQuery {
  readonly target: TempoQueryTarget;
  readonly tenant: string;
  /** ms since the epoch. */
  readonly nowMs: number;
}
