const BUCKETS = 256;

/**
 * Finds attribute keys that are wanted in a body's bytes, without making a
 * string of those that are not.
 *
 * @typeParam Field What a key stands for.
 */
export class WantedKeys<Field extends string> {
  readonly #entries: WantedKey<Field>[] = [];
  // Index of a bucket's first entry; -1 where it has none.
  readonly #heads = new Int16Array(BUCKETS).fill(-1);

  /** @param fields Field by key. */
  constructor(fields: Readonly<Record<string, Field>>) {
    const encoder = new TextEncoder();
    for (const [key, field] of Object.entries(fields)) {
      const bytes = encoder.encode(key);
      const bucket = bucketOf(bytes, 0, bytes.length);
      const next = this.#heads[bucket] ?? -1;
      this.#heads[bucket] = this.#entries.length;
      this.#entries.push({ bytes, field, next });
    }
  }

  /** The field of the key in `length` bytes from `at`, if it is wanted. */
  find(bytes: Uint8Array, at: number, length: number): Field | undefined {
    let index = this.#heads[bucketOf(bytes, at, length)] ?? -1;
    while (index >= 0) {
      const entry = this.#entries[index];
      if (entry === undefined) return undefined;
      if (holds(bytes, at, length, entry.bytes)) return entry.field;
      index = entry.next;
    }
    return undefined;
  }
}

/** Fields of JSON that are wanted, each under its own name. */
export function wantedFields<Name extends string>(
  names: readonly Name[],
): WantedKeys<Name> {
  return new WantedKeys<Name>(
    Object.fromEntries(names.map((name) => [name, name])),
  );
}

interface WantedKey<Field> {
  readonly bytes: Uint8Array;
  readonly field: Field;
  // The next entry of its bucket; -1 for none.
  readonly next: number;
}

function bucketOf(bytes: Uint8Array, at: number, length: number): number {
  if (length === 0) return 0;
  const last = bytes[at + length - 1] ?? 0;
  const middle = bytes[at + (length >>> 1)] ?? 0;
  return (length * 31 + last * 7 + middle) & (BUCKETS - 1);
}

function holds(
  bytes: Uint8Array,
  at: number,
  length: number,
  key: Uint8Array,
): boolean {
  if (key.length !== length) return false;
  for (let i = 0; i < length; i++) {
    if (bytes[at + i] !== key[i]) return false;
  }
  return true;
}
