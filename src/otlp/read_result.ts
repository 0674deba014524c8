import type { SpanBatch } from "./span_batch.ts";

/**
 * What reading a request's body comes to: its spans, or why it does not parse,
 * with the place (byte offset in protobuf, path or byte offset in JSON).
 */
export type ReadResult =
  | { readonly ok: true; readonly batch: SpanBatch }
  | { readonly ok: false; readonly reason: string };

/** How spans are read. */
export interface ReadOptions {
  /**
   * Key of the span attribute that goes into `SpanAttributes.sampling`.
   *
   * @default {undefined} none
   */
  readonly samplingAttribute?: string | undefined;
}
