import type { AttributeIndex } from "./attribute_index.ts";
import {
  type IndexedAttributes,
  noAttributes,
  withHashes,
} from "./indexed_attributes.ts";
import type { KeptSpan } from "../spans/kept_span.ts";

/** Which values indexed attributes have on some spans. */
export function attributesOf(
  spans: readonly KeptSpan[],
  index: AttributeIndex,
): IndexedAttributes {
  let attributes = noAttributes(index.keys);
  for (const span of spans) {
    if (attributes.keys.size === 0) break;
    attributes = withHashes(attributes, index.hashesOf(span));
  }
  return attributes;
}
