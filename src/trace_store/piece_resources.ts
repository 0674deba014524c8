import type { KeptSpan } from "./kept_trace.ts";

/** The ids of the cloud resources that a span ran on. */
export function pieceResources(_span: KeptSpan): readonly string[] {
  return [];
}
