/** Characters of a key's public part. */
export const KEY_ID_LENGTH = 12;
/** Characters of its secret part: 238 bits. */
export const KEY_SECRET_LENGTH = 40;

const PREFIX = "tck";
const ALPHABET =
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Bytes from here on would make the first letters more likely. */
const FAIR_BYTES = 256 - 256 % ALPHABET.length;
const SHAPE = new RegExp(
  `^${PREFIX}_([0-9A-Za-z]{${KEY_ID_LENGTH}})_[0-9A-Za-z]{32,64}$`,
);
const KEY_ID = new RegExp(`^[0-9A-Za-z]{${KEY_ID_LENGTH}}$`);

/** Fills an array with random bytes, as `crypto.getRandomValues` does. */
export type FillRandom = (bytes: Uint8Array<ArrayBuffer>) => unknown;

/** A key that was just made: the one moment at which its text is known. */
export interface NewKey {
  /** Public part: names the key in logs, counters and the admin API. */
  readonly id: string;
  /** What is presented: `tck_<id>_<secret>`. */
  readonly text: string;
}

/**
 * Makes a key.
 *
 * @param fill Where the randomness comes from.
 *
 * @example
 * ```ts
 * import { keyId, makeKey } from "../src/access/key_text.ts";
 *
 * const key = makeKey((bytes) => crypto.getRandomValues(bytes));
 * expect(key.text).toMatch(/^tck_[0-9A-Za-z]{12}_[0-9A-Za-z]{40}$/);
 * expect(keyId(key.text)).toBe(key.id);
 * ```
 */
export function makeKey(fill: FillRandom): NewKey {
  const letters = randomLetters(KEY_ID_LENGTH + KEY_SECRET_LENGTH, fill);
  const id = letters.slice(0, KEY_ID_LENGTH);
  return { id, text: `${PREFIX}_${id}_${letters.slice(KEY_ID_LENGTH)}` };
}

/** The public part of a key; null where the text is no key. */
export function keyId(text: string): string | null {
  return SHAPE.exec(text)?.[1] ?? null;
}

/** Whether a text can be the public part of a key. */
export function isKeyId(text: string): boolean {
  return KEY_ID.test(text);
}

/**
 * What is stored of a key: SHA-256 of its whole text, as hex. A slow hash would
 * add nothing: it makes guessing dear where people choose the secret, and this
 * one has more than 128 bits that nobody chose.
 */
export async function keyDigest(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(
    new Uint8Array(digest),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** Compares two digests; takes as long wherever they differ. */
export function sameDigest(left: string, right: string): boolean {
  let difference = left.length ^ right.length;
  for (let at = 0; at < left.length; at++) {
    difference |= left.charCodeAt(at) ^ right.charCodeAt(at);
  }
  return difference === 0;
}

function randomLetters(count: number, fill: FillRandom): string {
  let letters = "";
  const bytes = new Uint8Array(count);
  while (letters.length < count) {
    fill(bytes);
    for (const byte of bytes) {
      if (byte < FAIR_BYTES) letters += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return letters.slice(0, count);
}
