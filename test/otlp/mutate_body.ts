import type { SeededRandom } from "../../src/local/seeded_random.ts";
import { concat } from "./wire.ts";

const MAX_MUTATIONS = 4;
const MAX_PIECE_BYTES = 24;

/** Bytes that mean something in JSON, in protobuf, in UTF-8 or in gzip. */
const TELLING = [
  ...new TextEncoder().encode('{}[]",:\\/ \n0123456789-+.eEtfnu'),
  0x00,
  0x01,
  0x12,
  0x1f,
  0x7f,
  0x80,
  0x8b,
  0xc3,
  0xed,
  0xff,
];

type Mutation = (body: Uint8Array, random: SeededRandom) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  setByte,
  insertBytes,
  deletePiece,
  duplicatePiece,
  truncate,
];

/**
 * A copy of a body with one to four random changes: bits flipped, bytes set,
 * inserted, deleted or doubled, the end cut off. The same seed makes the same
 * changes; a change may happen to be none.
 */
export function mutateBody(
  body: Uint8Array,
  random: SeededRandom,
): Uint8Array<ArrayBuffer> {
  let mutated: Uint8Array = body;
  const mutations = 1 + random.below(MAX_MUTATIONS);
  for (let i = 0; i < mutations; i++) {
    const mutate = MUTATIONS[random.below(MUTATIONS.length)] ?? flipBit;
    mutated = mutate(mutated, random);
  }
  return new Uint8Array(mutated);
}

function flipBit(body: Uint8Array, random: SeededRandom): Uint8Array {
  const at = random.below(body.length);
  const changed = body.slice();
  changed[at] = (body[at] ?? 0) ^ (1 << random.below(8));
  return changed;
}

function setByte(body: Uint8Array, random: SeededRandom): Uint8Array {
  const changed = body.slice();
  changed[random.below(body.length)] = byteOf(random);
  return changed;
}

function insertBytes(body: Uint8Array, random: SeededRandom): Uint8Array {
  const at = random.below(body.length + 1);
  const added = Uint8Array.from(
    { length: 1 + random.below(3) },
    () => byteOf(random),
  );
  return concat([body.subarray(0, at), added, body.subarray(at)]);
}

function deletePiece(body: Uint8Array, random: SeededRandom): Uint8Array {
  const [start, end] = pieceOf(body, random);
  return concat([body.subarray(0, start), body.subarray(end)]);
}

function duplicatePiece(body: Uint8Array, random: SeededRandom): Uint8Array {
  const [start, end] = pieceOf(body, random);
  const at = random.below(body.length + 1);
  return concat([
    body.subarray(0, at),
    body.subarray(start, end),
    body.subarray(at),
  ]);
}

function truncate(body: Uint8Array, random: SeededRandom): Uint8Array {
  return body.subarray(0, random.below(body.length + 1));
}

// Mostly a few bytes, sometimes anything up to the whole body.
function pieceOf(body: Uint8Array, random: SeededRandom): [number, number] {
  const start = random.below(body.length + 1);
  const most = random.chance(0.9) ? MAX_PIECE_BYTES : body.length;
  return [start, Math.min(body.length, start + 1 + random.below(most))];
}

function byteOf(random: SeededRandom): number {
  return random.chance(0.5)
    ? random.below(256)
    : TELLING[random.below(TELLING.length)] ?? 0;
}
