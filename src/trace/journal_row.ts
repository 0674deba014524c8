import { ByteReader } from "../codec/byte_reader.ts";
import { ByteWriter } from "../codec/byte_writer.ts";

/** One row of the journal; the platform allows 2 MB. */
export const MAX_JOURNAL_ROW_BYTES = 1_500_000;

/** Packs messages into as few rows as their size allows. */
export function* packMessages(
  messages: readonly Uint8Array[],
): Generator<Uint8Array> {
  let row = new ByteWriter();
  for (const message of messages) {
    if (row.length > 0 && row.length + message.length > MAX_JOURNAL_ROW_BYTES) {
      yield row.finish();
      row = new ByteWriter();
    }
    row.bytes(message);
  }
  yield row.finish();
}

/** The messages of one row. */
export function* unpackMessages(row: Uint8Array): Generator<Uint8Array> {
  const from = new ByteReader(row);
  while (!from.done) yield from.bytes();
}
