import { resourceIds } from "../search/resource_ids.ts";
import { resourceAttributes } from "./attribute_index.ts";
import type { KeptSpan } from "../spans/kept_span.ts";
import { rememberedByBytes } from "./remembered_by_bytes.ts";

/** Tells the ids of the cloud resources that a span ran on. */
export type ResourceIdsOf = (span: KeptSpan) => readonly string[];

/** Tells the ids of the cloud resources that spans ran on. */
export function pieceResources(): ResourceIdsOf {
  const ofResource = rememberedByBytes((resource, encoding) =>
    resourceIds(resourceAttributes(resource, encoding)).map(({ id }) => id)
  );
  return ({ resource, encoding }) => ofResource(resource, encoding);
}
