import { JsonCursor } from "../otlp/json_cursor.ts";
import { wantedFields } from "../otlp/wanted_keys.ts";
import { JsonObject } from "../spans/json_object.ts";
import { readPieces } from "../spans/span_pieces.ts";
import type { Attributes } from "../spans/span.ts";
import { keyHash, valueHashes } from "./attribute_hash.ts";
import type { KeptSpan, PieceEncoding } from "../spans/kept_span.ts";
import { ProtobufAttributes } from "./protobuf_attributes.ts";
import { rememberedByBytes } from "./remembered_by_bytes.ts";

/** Tells which values of some attributes spans have. */
export interface AttributeIndex {
  /** The attributes that it tells of. */
  readonly keys: ReadonlySet<string>;
  /**
   * Hashes (`valueHashes`) of the values that a span or its resource has of
   * them; possibly more, and some twice.
   */
  hashesOf(span: KeptSpan): readonly number[];
}

/** Tells of no attribute. */
export const NO_ATTRIBUTE_INDEX: AttributeIndex = {
  keys: new Set(),
  hashesOf: () => [],
};

const SPAN = wantedFields(["attributes"]);

/**
 * An index of some attributes. A resource that was read is remembered, as in
 * `pieceResources`.
 */
export function attributeIndex(keys: readonly string[]): AttributeIndex {
  const keyHashes = new Map(keys.map((key) => [key, keyHash(key)]));
  const protobuf = new ProtobufAttributes(keyHashes);
  function hashesIn(attributes: Attributes): readonly number[] {
    const hashes: number[] = [];
    for (const [key, hash] of keyHashes) {
      const value = attributes.get(key);
      if (value !== undefined) hashes.push(...valueHashes(hash, value));
    }
    return hashes;
  }
  function ownHashes({ span, encoding }: KeptSpan): readonly number[] {
    if (encoding === "protobuf") return protobuf.hashesOf(span);
    const object = new JsonObject(SPAN);
    object.read(new JsonCursor(span));
    return hashesIn(object.attributes);
  }
  const ofResource = rememberedByBytes((resource, encoding) =>
    hashesIn(resourceAttributes(resource, encoding))
  );
  return {
    keys: new Set(keys),
    hashesOf(span) {
      const shared = ofResource(span.resource, span.encoding);
      const own = ownHashes(span);
      return shared.length === 0 ? own : [...shared, ...own];
    },
  };
}

/** The attributes of a piece's resource. */
export function resourceAttributes(
  resource: Uint8Array,
  encoding: PieceEncoding,
): Attributes {
  const none = NOTHING[encoding];
  const [span] = readPieces(
    [{ resource, scope: none, span: none }],
    encoding,
  );
  return span?.resource.attributes ?? new Map();
}

/** A message without fields. */
const NOTHING = {
  protobuf: new Uint8Array(),
  json: new TextEncoder().encode("{}"),
} as const;
