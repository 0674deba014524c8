import { cutSpans } from "../otlp/cut_spans.ts";
import { rejectedIn } from "../otlp/rejected_in.ts";
import type { SpanBatch } from "../otlp/span_batch.ts";
import type { Encoding } from "./content.ts";
import type { ReceivedRequest } from "../outbox/received_request.ts";

/**
 * What goes on to the targets: the body byte for byte as it came, or, where
 * spans are rejected, the same without those, since Tempo refuses a whole
 * request for one bad span. What came compressed goes on as gzip.
 *
 * @param inflated What the body reads as.
 */
export async function acceptedBody(
  received: ReceivedRequest,
  inflated: Uint8Array<ArrayBuffer>,
  { batch, encoding }: {
    readonly batch: SpanBatch;
    readonly encoding: Encoding;
  },
): Promise<ReceivedRequest> {
  const spans = batch.spans.length;
  if (batch.rejected === 0) return { ...received, spans };
  const body = cutSpans(inflated, { encoding, drop: rejectedIn(batch) });
  return received.contentEncoding === null
    ? { ...received, body, spans }
    : { ...received, body: await gzip(body), contentEncoding: "gzip", spans };
}

async function gzip(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
