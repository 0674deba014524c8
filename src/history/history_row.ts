import type { NodeIdentity } from "../map/node_identity.ts";
import type { WindowPart } from "./window_parts.ts";
import type { WindowKey } from "./window_range.ts";

/** Whose windows a row holds; only its object writes them. */
export interface HistoryOwner {
  readonly tenant: string;
  readonly service: NodeIdentity;
}

/** A row of a window: the same on the object's disk and in D1. */
export interface HistoryRow extends WindowKey, WindowPart {
  /** Grows with every revision of the window. */
  readonly revision: number;
}

/** What D1 is told of the service itself; each value only ever grows. */
export interface ServiceSeen {
  /** Bits of `NodeTrait`. */
  readonly traits: number;
  /** ms since the epoch. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}
