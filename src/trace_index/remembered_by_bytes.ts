import type { PieceEncoding } from "../spans/kept_span.ts";

/** Resources of which something is remembered; then all begin anew. */
export const MAX_REMEMBERED_RESOURCES = 1000;

const LATIN1 = new TextDecoder("latin1");

/**
 * The same function of a resource's bytes, which remembers what it found: a
 * service's spans bring the same bytes each time.
 */
export function rememberedByBytes<Found extends object>(
  find: (resource: Uint8Array, encoding: PieceEncoding) => Found,
): (resource: Uint8Array, encoding: PieceEncoding) => Found {
  const bytesSeen = new WeakMap<Uint8Array, Found>();
  const remembered = new Map<string, Found>();
  return (resource, encoding) => {
    const seen = bytesSeen.get(resource);
    if (seen !== undefined) return seen;
    const key = encoding + LATIN1.decode(resource);
    let found = remembered.get(key);
    if (found === undefined) {
      found = find(resource, encoding);
      if (remembered.size >= MAX_REMEMBERED_RESOURCES) remembered.clear();
      remembered.set(key, found);
    }
    bytesSeen.set(resource, found);
    return found;
  };
}
