/** A minute of a service as its object has it. */
export interface LiveMinute {
  /** Start of the minute, s since the epoch. */
  readonly startS: number;
  /** Grows with each change of it. */
  readonly revision: number;
  /** `summary` of its `EncodedWindow`. */
  readonly summary: Uint8Array;
}

/** Minutes of a service that changed. */
export interface ChangedMinutes {
  /** `nodeId`. */
  readonly service: string;
  readonly minutes: readonly LiveMinute[];
}

/** What the object of a service has counted, and what that changed. */
export interface AppliedDeltas {
  /** The last sequence number of the sender that is on disk. */
  readonly sequence: number;
  /** As they are now. */
  readonly minutes: readonly LiveMinute[];
}
