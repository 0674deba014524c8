import { ownPart } from "./place_message.ts";
import type { ShardLayout } from "./ownership.ts";
import { type ReadMessage, readMessage } from "./trace_message.ts";

/** A message on its way to a shard's disk. */
export interface Arrival {
  readonly message: Uint8Array;
  /** The layout under which other shards said that they do not know it. */
  readonly askedVersion: number;
  readonly shard: number;
  /** What turned out at the write to belong elsewhere. */
  rest: Uint8Array | null;
  /** Why nothing of it was written: its bytes say nothing. */
  fault: RangeError | null;
}

/** What a shard knows when it writes. */
export interface TakingShard {
  readonly layout: ShardLayout;
  readonly nowMs: number;
  readonly knows: (traceId: string) => boolean;
}

/**
 * The parts of messages that a shard keeps; notes in each what is not its own.
 * One that cannot be read fails its sender, and nobody else.
 */
export function takenOf(
  arrivals: readonly Arrival[],
  by: TakingShard,
): readonly ReadMessage[] {
  const taken: ReadMessage[] = [];
  for (const arrival of arrivals) {
    const message = read(arrival);
    if (message === null) continue;
    const { own, rest } = ownPart(message, { ...arrival, ...by });
    arrival.rest = rest?.bytes ?? null;
    if (own !== null) taken.push(own);
  }
  return taken;
}

function read(arrival: Arrival): ReadMessage | null {
  try {
    return readMessage(arrival.message);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    arrival.fault = error;
    return null;
  }
}
