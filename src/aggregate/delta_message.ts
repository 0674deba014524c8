import { ByteReader } from "../codec/byte_reader.ts";
import { ByteWriter } from "../codec/byte_writer.ts";
import { nodeId, type NodeIdentity, nodeOfId } from "../map/node_identity.ts";
import type { EncodedWindow } from "../map/service_window_codec.ts";

// Raise it when the layout changes, and keep reading the older ones: a message
// can wait in a shard's outbox while a new version is deployed.
const VERSION = 1;

const SECONDS_PER_MINUTE = 60;

/** What a trace shard tells the object of one service. */
export interface DeltaMessage {
  readonly tenant: string;
  readonly service: NodeIdentity;
  /** Name of the shard; sequences count per source and service. */
  readonly source: string;
  /** In ascending order of `sequence`. */
  readonly deltas: readonly Delta[];
}

/** What one shard saw of one service since its previous delta. */
export interface Delta {
  /** From 1; a delta that is sent again keeps it. */
  readonly sequence: number;
  readonly minutes: readonly EncodedMinute[];
}

/** An addition (or correction: counts may be negative) to one minute. */
export interface EncodedMinute {
  /** Start of the minute, s since the epoch; a multiple of 60. */
  readonly startS: number;
  readonly encoded: EncodedWindow;
}

/**
 * The bytes of a message.
 *
 * @example
 * ```ts
 * import { decodeDeltaMessage, encodeDeltaMessage } from "../src/aggregate/delta_message.ts";
 * import { virtualNode } from "../src/map/node_identity.ts";
 *
 * const message = {
 *   tenant: "default", service: virtualNode("cart"), source: "default/trace/0",
 *   deltas: [{ sequence: 1, minutes: [] }],
 * };
 * expect(decodeDeltaMessage(encodeDeltaMessage(message))).toEqual(message);
 * ```
 *
 * @throws {RangeError} Where a minute does not start at a multiple of 60 s.
 */
export function encodeDeltaMessage(message: DeltaMessage): Uint8Array {
  const to = new ByteWriter();
  to.varint(VERSION);
  to.string(message.tenant);
  to.string(nodeId(message.service));
  to.string(message.source);
  to.varint(message.deltas.length);
  for (const delta of message.deltas) {
    to.varint(delta.sequence);
    to.varint(delta.minutes.length);
    for (const minute of delta.minutes) writeMinute(to, minute);
  }
  return to.finish();
}

/**
 * The message of its bytes. The windows stay encoded, as views of `bytes`.
 *
 * @throws {RangeError} Where the bytes are of another version or cut short.
 */
export function decodeDeltaMessage(bytes: Uint8Array): DeltaMessage {
  const from = new ByteReader(bytes);
  const version = from.varint();
  if (version !== VERSION) {
    throw new RangeError(`Cannot read a delta message of version "${version}"`);
  }
  return {
    tenant: from.string(),
    service: nodeOfId(from.string()),
    source: from.string(),
    deltas: readList(from, readDelta),
  };
}

function readDelta(from: ByteReader): Delta {
  return { sequence: from.varint(), minutes: readList(from, readMinute) };
}

function writeMinute(to: ByteWriter, minute: EncodedMinute): void {
  if (minute.startS % SECONDS_PER_MINUTE !== 0) {
    throw new RangeError(
      `Cannot write a minute that starts at "${minute.startS}": ` +
        `It must be a multiple of ${SECONDS_PER_MINUTE} s`,
    );
  }
  to.varint(minute.startS / SECONDS_PER_MINUTE);
  to.bytes(minute.encoded.summary);
  to.bytes(minute.encoded.operations);
}

function readMinute(from: ByteReader): EncodedMinute {
  return {
    startS: from.varint() * SECONDS_PER_MINUTE,
    encoded: { summary: from.bytes(), operations: from.bytes() },
  };
}

function readList<Item>(
  from: ByteReader,
  read: (from: ByteReader) => Item,
): Item[] {
  const items: Item[] = [];
  for (let left = from.varint(); left > 0; left--) items.push(read(from));
  return items;
}
