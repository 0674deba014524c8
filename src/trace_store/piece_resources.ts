import { resourceIds } from "../search/resource_ids.ts";
import { readPieces } from "../spans/span_pieces.ts";
import type { ResourceIdsOf } from "./fresh_traces.ts";
import type { PieceEncoding } from "./kept_trace.ts";

/** Resources whose ids are remembered; then all begin anew. */
export const MAX_REMEMBERED_RESOURCES = 1000;

const LATIN1 = new TextDecoder("latin1");

/**
 * Tells the ids of the cloud resources that spans ran on. A resource that was
 * read is remembered, since a service's spans bring the same bytes each time.
 */
export function pieceResources(): ResourceIdsOf {
  const bytesSeen = new WeakMap<Uint8Array, readonly string[]>();
  const remembered = new Map<string, readonly string[]>();
  return ({ resource, encoding }) => {
    const seen = bytesSeen.get(resource);
    if (seen !== undefined) return seen;
    const key = encoding + LATIN1.decode(resource);
    let ids = remembered.get(key);
    if (ids === undefined) {
      ids = idsOf(resource, encoding);
      if (remembered.size >= MAX_REMEMBERED_RESOURCES) remembered.clear();
      remembered.set(key, ids);
    }
    bytesSeen.set(resource, ids);
    return ids;
  };
}

function idsOf(
  resource: Uint8Array,
  encoding: PieceEncoding,
): readonly string[] {
  const none = NOTHING[encoding];
  const [span] = readPieces(
    [{ resource, scope: none, span: none }],
    encoding,
  );
  return span === undefined
    ? []
    : resourceIds(span.resource.attributes).map(({ id }) => id);
}

/** A message without fields. */
const NOTHING = {
  protobuf: new Uint8Array(),
  json: new TextEncoder().encode("{}"),
} as const;
