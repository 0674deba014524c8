import type { DriftType, Severity } from "./drift.ts";

/** Where a page of events ends: the time and the id of the last one. */
export interface DriftPosition {
  /** ms since the epoch. */
  readonly timeMs: number;
  readonly id: string;
}

/** Which events are asked for; what is left out takes all. */
export interface DriftFilter {
  /** In whatever form: bare, AirDig's, an ARN. */
  readonly resourceId?: string | undefined;
  readonly type?: DriftType | undefined;
  readonly severity?: Severity | undefined;
  /** ms since the epoch, inclusive. */
  readonly startMs?: number | undefined;
  /** ms since the epoch, exclusive. */
  readonly endMs?: number | undefined;
  /** Where the page before ended. */
  readonly after?: DriftPosition | undefined;
}
