/**
 * Longest string with escapes that is read whole, bytes without them. Whatever
 * is kept of a string is shorter.
 */
export const MAX_UNESCAPED_BYTES = 4096;

const BACKSLASH = 0x5c;
const REPLACEMENT = 0xfffd;
const MAX_BYTES_PER_CHARACTER = 4;

/** What a letter after a backslash stands for. */
const LETTERS: ReadonlyMap<number, number> = new Map(
  [["b", "\b"], ["f", "\f"], ["n", "\n"], ["r", "\r"], ["t", "\t"]].map(
    ([letter = "", character = ""]) => [
      letter.charCodeAt(0),
      character.charCodeAt(0),
    ],
  ),
);
const LOWER_U = 0x75;

/**
 * The bytes of a JSON string from `start` to `end`, within its quotes, with its
 * escapes replaced by what they stand for, as UTF-8; half of a surrogate pair
 * by U+FFFD. Of a string that is longer than
 * {@linkcode MAX_UNESCAPED_BYTES} it gives as many bytes, and up to 3 more.
 * The string has to be well formed.
 */
export function unescaped(
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array {
  const size = Math.min(end - start, MAX_UNESCAPED_BYTES);
  const out = new Uint8Array(size + MAX_BYTES_PER_CHARACTER);
  let length = 0;
  let at = start;
  while (at < end && length < MAX_UNESCAPED_BYTES) {
    const byte = bytes[at++] ?? 0;
    if (byte !== BACKSLASH) {
      out[length++] = byte;
      continue;
    }
    const letter = bytes[at++] ?? 0;
    if (letter !== LOWER_U) {
      out[length++] = LETTERS.get(letter) ?? letter;
      continue;
    }
    let character = hexAt(bytes, at);
    at += 4;
    if (character >= 0xd800 && character < 0xe000) {
      const low = lowSurrogateAt(bytes, at, end);
      const isPair = character < 0xdc00 && low >= 0;
      if (isPair) at += 6;
      character = isPair
        ? 0x10000 + ((character - 0xd800) << 10) + low - 0xdc00
        : REPLACEMENT;
    }
    length = writeUtf8(out, length, character);
  }
  return out.subarray(0, length);
}

// The escaped low surrogate that follows; -1 where there is none.
function lowSurrogateAt(bytes: Uint8Array, at: number, end: number): number {
  if (at + 6 > end || bytes[at] !== BACKSLASH || bytes[at + 1] !== LOWER_U) {
    return -1;
  }
  const low = hexAt(bytes, at + 2);
  return low >= 0xdc00 && low < 0xe000 ? low : -1;
}

function hexAt(bytes: Uint8Array, at: number): number {
  return parseInt(String.fromCharCode(...bytes.subarray(at, at + 4)), 16);
}

function writeUtf8(out: Uint8Array, at: number, character: number): number {
  if (character < 0x80) {
    out[at] = character;
    return at + 1;
  }
  const following = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
  const mark = (0xff00 >> (following + 1)) & 0xff;
  out[at] = mark | (character >> (6 * following));
  for (let i = 1; i <= following; i++) {
    out[at + i] = 0x80 | ((character >> (6 * (following - i))) & 0x3f);
  }
  return at + 1 + following;
}
