import { rejectedIn } from "../otlp/rejected_in.ts";
import type { SpanBatch } from "../otlp/span_batch.ts";
import { piecesOf } from "../spans/span_pieces.ts";
import type { Encoding } from "./content.ts";
import type { SentSpans } from "./cut_by_shard.ts";

/** A request's spans. */
export interface Delivery {
  readonly batch: SpanBatch;
  /** What the batch was read from. */
  readonly body: Uint8Array;
  readonly encoding: Encoding;
}

/** The spans of a batch as they were sent, without those that are rejected. */
export function sentSpans({ batch, body, encoding }: Delivery): SentSpans {
  const pieces = piecesOf(body, encoding);
  if (batch.rejected === 0) return { encoding, pieces };
  const isRejected = rejectedIn(batch);
  return {
    encoding,
    pieces: pieces.filter((_, ordinal) => !isRejected(ordinal)),
  };
}
