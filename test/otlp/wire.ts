/** How many bytes a varint takes; at least as many as it needs. */
export interface VarintOptions {
  /** @default {1} */
  readonly bytes?: number;
}

/** Encodes a varint; a negative number as its 64 bits of two's complement. */
export function varint(
  value: bigint | number,
  { bytes = 1 }: VarintOptions = {},
): Uint8Array {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    out.push(Number(rest & 127n));
    rest >>= 7n;
  } while (rest > 0n);
  while (out.length < bytes) out.push(0);
  return Uint8Array.from(
    out,
    (bits, index) => index < out.length - 1 ? bits | 128 : bits,
  );
}

/** How a field is encoded. */
export interface FieldOptions {
  /** Bytes of the tag, up to 5. @default {1} */
  readonly tagBytes?: number;
  /** Bytes of the length, up to 5, or of the varint, up to 10. @default {1} */
  readonly bytes?: number;
}

/** Encodes a field of wire type 0. */
export function varintField(
  number: number,
  value: bigint | number,
  { tagBytes = 1, bytes = 1 }: FieldOptions = {},
): Uint8Array {
  return concat([tag(number, 0, tagBytes), varint(value, { bytes })]);
}

/** Encodes a field of wire type 1. */
export function fixed64Field(
  number: number,
  value: bigint,
  { tagBytes = 1 }: FieldOptions = {},
): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
  return concat([tag(number, 1, tagBytes), bytes]);
}

/** Encodes a field of wire type 1 that holds a double. */
export function doubleField(
  number: number,
  value: number,
  { tagBytes = 1 }: FieldOptions = {},
): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return concat([tag(number, 1, tagBytes), bytes]);
}

/** Encodes a field of wire type 2: bytes, a string, or a message's fields. */
export function bytesField(
  number: number,
  value: Uint8Array | string | readonly Uint8Array[],
  { tagBytes = 1, bytes = 1 }: FieldOptions = {},
): Uint8Array {
  const payload = typeof value === "string"
    ? new TextEncoder().encode(value)
    : value instanceof Uint8Array
    ? value
    : concat(value);
  const length = varint(payload.length, { bytes });
  return concat([tag(number, 2, tagBytes), length, payload]);
}

/** Encodes a field of wire type 5. */
export function fixed32Field(
  number: number,
  value: number,
  { tagBytes = 1 }: FieldOptions = {},
): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value >>> 0, true);
  return concat([tag(number, 5, tagBytes), bytes]);
}

/** Encodes a tag. */
export function tag(
  number: number,
  wireType: number,
  bytes: number = 1,
): Uint8Array {
  return varint(BigInt(number) * 8n + BigInt(wireType), { bytes });
}

/** The parts, one after the other. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
