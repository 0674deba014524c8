import type { Delta } from "../aggregate/delta_message.ts";
import { ByteReader } from "../codec/byte_reader.ts";
import { ByteWriter } from "../codec/byte_writer.ts";
import { nodeId } from "../map/node_identity.ts";
import { encodeWindow } from "../map/service_window_codec.ts";
import type { ServiceDelta } from "./delta_book.ts";

/** A row is closed when it has this many bytes; no window comes near 2 MB. */
export const DELTA_ROW_BYTES = 512 * 1024;

/** The minutes of one service, as they stand in rows. */
export interface StoredDelta {
  /** `nodeId` of the service. */
  readonly serviceId: string;
  readonly minutes: Delta["minutes"];
}

/** Packs the deltas of one tick into as few rows as their size allows. */
export function packDeltas(
  deltas: readonly ServiceDelta[],
): readonly Uint8Array[] {
  const rows: Uint8Array[] = [];
  let row = new ByteWriter();
  for (const delta of deltas) {
    const serviceId = nodeId(delta.service);
    for (const [startS, window] of delta.minutes) {
      const encoded = encodeWindow(window);
      const bytes = encoded.summary.length + encoded.operations.length;
      if (row.length > 0 && row.length + bytes > DELTA_ROW_BYTES) {
        rows.push(row.finish());
        row = new ByteWriter();
      }
      row.string(serviceId);
      row.varint(startS);
      row.bytes(encoded.summary);
      row.bytes(encoded.operations);
    }
  }
  if (row.length > 0 || rows.length === 0) rows.push(row.finish());
  return rows;
}

/** The deltas of one row, by service. */
export function unpackDeltas(row: Uint8Array): readonly StoredDelta[] {
  const from = new ByteReader(row);
  const services = new Map<string, Delta["minutes"][number][]>();
  while (!from.done) {
    const serviceId = from.string();
    const minute = {
      startS: from.varint(),
      encoded: {
        summary: from.bytes().slice(),
        operations: from.bytes().slice(),
      },
    };
    const minutes = services.get(serviceId);
    if (minutes === undefined) services.set(serviceId, [minute]);
    else minutes.push(minute);
  }
  return [...services].map(([serviceId, minutes]) => ({ serviceId, minutes }));
}
