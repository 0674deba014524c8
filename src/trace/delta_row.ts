import type { Delta } from "../aggregate/delta_message.ts";
import { ByteReader } from "../codec/byte_reader.ts";
import { ByteWriter } from "../codec/byte_writer.ts";
import { nodeId } from "../map/node_identity.ts";
import { mergeWindow } from "../map/merge_window.ts";
import { decodeWindow, encodeWindow } from "../map/service_window_codec.ts";
import type { ServiceDelta } from "./delta_book.ts";

/** The minutes of one service, as they are stored and sent. */
export interface StoredDelta {
  /** `nodeId` of the service. */
  readonly serviceId: string;
  readonly minutes: Delta["minutes"];
}

/** A delta in the form in which it is stored. */
export function encodeDelta(delta: ServiceDelta): StoredDelta {
  return {
    serviceId: nodeId(delta.service),
    minutes: Array.from(delta.minutes, ([startS, window]) => ({
      startS,
      encoded: encodeWindow(window),
    })),
  };
}

/**
 * Adds the minutes of an earlier delta to the same minutes of a later one.
 *
 * @returns The later one's minutes, and what is left of the earlier one; null
 *   where they have no minute in common.
 */
export function foldMinutes(
  earlier: Delta["minutes"],
  later: Delta["minutes"],
): { readonly sum: Delta["minutes"]; readonly rest: Delta["minutes"] } | null {
  const windows = new Map(
    earlier.map(({ startS, encoded }) => [startS, encoded]),
  );
  const sum = later.map((minute) => {
    const before = windows.get(minute.startS);
    if (before === undefined) return minute;
    const window = decodeWindow(before);
    mergeWindow(window, decodeWindow(minute.encoded));
    return { startS: minute.startS, encoded: encodeWindow(window) };
  });
  const taken = new Set(later.map(({ startS }) => startS));
  const rest = earlier.filter(({ startS }) => !taken.has(startS));
  return rest.length === earlier.length ? null : { sum, rest };
}

/** The bytes that a delta takes. */
export function deltaBytes({ minutes }: Pick<StoredDelta, "minutes">): number {
  return minutes.reduce(
    (sum, { encoded }) =>
      sum + encoded.summary.length + encoded.operations.length,
    0,
  );
}

/** The deltas of one tick as bytes. */
export function packDeltas(deltas: readonly StoredDelta[]): Uint8Array {
  const to = new ByteWriter();
  for (const { serviceId, minutes } of deltas) {
    to.string(serviceId);
    to.varint(minutes.length);
    for (const { startS, encoded } of minutes) {
      to.varint(startS);
      to.bytes(encoded.summary);
      to.bytes(encoded.operations);
    }
  }
  return to.finish();
}

/** The deltas that `packDeltas` packed. */
export function unpackDeltas(bytes: Uint8Array): readonly StoredDelta[] {
  const from = new ByteReader(bytes);
  const deltas: StoredDelta[] = [];
  while (!from.done) {
    const serviceId = from.string();
    const minutes = Array.from({ length: from.varint() }, () => ({
      startS: from.varint(),
      encoded: {
        summary: from.bytes().slice(),
        operations: from.bytes().slice(),
      },
    }));
    deltas.push({ serviceId, minutes });
  }
  return deltas;
}
