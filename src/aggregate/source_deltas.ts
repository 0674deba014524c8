import type { HistoryOwner } from "../history/history_row.ts";
import type { ServiceWindow } from "../map/service_window.ts";
import { decodeWindow } from "../map/service_window_codec.ts";
import { decodeDeltaMessage } from "./delta_message.ts";

/** A delta message whose windows are decoded. */
export interface SourceDeltas {
  readonly owner: HistoryOwner;
  /** Name of the trace shard. */
  readonly source: string;
  readonly deltas: readonly DecodedDelta[];
}

/** What one shard adds at one sequence number. */
export interface DecodedDelta {
  readonly sequence: number;
  readonly minutes: readonly {
    /** Start of the minute, s since the epoch. */
    readonly startS: number;
    readonly window: ServiceWindow;
  }[];
}

/**
 * Reads a message, before it joins others in one write: one that cannot be
 * read must not fail the others.
 *
 * @throws {RangeError} Where the bytes are no message, or sequence numbers do
 *   not rise: what comes after would be taken for a redelivery.
 */
export function readSourceDeltas(bytes: Uint8Array): SourceDeltas {
  const { tenant, service, source, deltas } = decodeDeltaMessage(bytes);
  let last = 0;
  for (const { sequence } of deltas) {
    if (sequence <= last) {
      throw new RangeError(
        `Cannot apply delta "${sequence}" of "${source}" after "${last}"`,
      );
    }
    last = sequence;
  }
  return {
    owner: { tenant, service },
    source,
    deltas: deltas.map(({ sequence, minutes }) => ({
      sequence,
      minutes: minutes.map(({ startS, encoded }) => ({
        startS,
        window: decodeWindow(encoded),
      })),
    })),
  };
}
