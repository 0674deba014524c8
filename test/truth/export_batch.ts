import { gzipSync } from "node:zlib";
import { exportRequest } from "../../src/local/otlp_json.ts";
import type { SeededRandom } from "../../src/local/seeded_random.ts";
import type { ShopSpan } from "../../src/local/shop_span.ts";
import { encodeProtobuf } from "./otlp_protobuf.ts";

/** Spans that an SDK's batch processor sends at once, at the most. */
export const MAX_BATCH_SPANS = 512;
const REPEATED_SHARE = 0.1;

/** One request as it goes over the wire. */
export interface ExportBatch {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
  readonly spans: number;
}

/**
 * The requests in which each service exports its own spans, in no order: 30 %
 * are JSON, half are gzipped, 10 % are sent twice.
 */
export function exportBatches(
  spans: readonly ShopSpan[],
  random: SeededRandom,
): ExportBatch[] {
  const byService = Map.groupBy(
    random.shuffled(spans),
    (span) => span.service,
  );
  const parts = [...byService.values()].flatMap((own) => cut(own, random));
  const batches = random.shuffled(parts).map((part, at) =>
    encodeBatch(part, { json: at % 10 < 3, gzipped: at % 2 === 0 })
  );
  const repeated = random.shuffled(batches)
    .slice(0, Math.ceil(batches.length * REPEATED_SHARE));
  return random.shuffled([...batches, ...repeated]);
}

/** One request with spans of one service. */
export function encodeBatch(
  spans: readonly ShopSpan[],
  { json = false, gzipped = false } = {},
): ExportBatch {
  const [first] = spans;
  if (first === undefined) throw new RangeError("Cannot export no spans");
  const request = exportRequest(first.service, spans);
  const plain = json
    ? new TextEncoder().encode(JSON.stringify(request))
    : encodeProtobuf(request);
  return {
    body: new Uint8Array(gzipped ? gzipSync(plain) : plain),
    headers: {
      "content-type": json ? "application/json" : "application/x-protobuf",
      ...(gzipped ? { "content-encoding": "gzip" } : {}),
    },
    spans: spans.length,
  };
}

function cut(
  spans: readonly ShopSpan[],
  random: SeededRandom,
): readonly ShopSpan[][] {
  const parts: ShopSpan[][] = [];
  for (let at = 0; at < spans.length;) {
    const end = at + 1 + random.below(MAX_BATCH_SPANS);
    parts.push(spans.slice(at, end));
    at = end;
  }
  return parts;
}
