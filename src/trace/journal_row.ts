import { ByteReader } from "../codec/byte_reader.ts";
import { ByteWriter } from "../codec/byte_writer.ts";

/** One row of the journal; the platform allows 2 MB. */
export const MAX_JOURNAL_ROW_BYTES = 1_500_000;

/** Groups messages so that each group fits a row; order is kept. */
export function* groupByRow<Message extends { readonly bytes: Uint8Array }>(
  messages: readonly Message[],
): Generator<readonly Message[]> {
  let group: Message[] = [];
  let length = 0;
  for (const message of messages) {
    const { bytes } = message;
    if (group.length > 0 && length + bytes.length > MAX_JOURNAL_ROW_BYTES) {
      yield group;
      group = [];
      length = 0;
    }
    group.push(message);
    length += bytes.length;
  }
  if (group.length > 0) yield group;
}

/** Packs the messages of one row. */
export function packMessages(
  messages: readonly { readonly bytes: Uint8Array }[],
): Uint8Array<ArrayBuffer> {
  const row = new ByteWriter();
  for (const { bytes } of messages) row.bytes(bytes);
  return row.finish();
}

/** The messages of one row. */
export function* unpackMessages(row: Uint8Array): Generator<Uint8Array> {
  const from = new ByteReader(row);
  while (!from.done) yield from.bytes();
}
