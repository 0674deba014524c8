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
  /** Where one span more cannot be taken: what is left without it, inflated. */
  readonly accepted?: Uint8Array<ArrayBuffer>;
}

/** What makes a span one that nobody can take. */
const FAULTS: readonly Partial<ShopSpan>[] = [
  { traceId: "0".repeat(32) },
  { spanId: "0".repeat(16) },
  { endNs: 0n },
];

/**
 * The requests in which each service exports its own spans, in no order: 30 %
 * are JSON, half are gzipped, 10 % are sent twice.
 *
 * @param options `badShare`: of the requests, those that have one span more,
 * which cannot be taken; 0 to 1.
 */
export function exportBatches(
  spans: readonly ShopSpan[],
  random: SeededRandom,
  { badShare = 0 } = {},
): ExportBatch[] {
  const byService = Map.groupBy(
    random.shuffled(spans),
    (span) => span.service,
  );
  const parts = [...byService.values()].flatMap((own) => cut(own, random));
  const batches = random.shuffled(parts).map((part, at) => {
    const form = { json: at % 10 < 3, gzipped: at % 2 === 0 };
    return badShare > 0 && random.chance(badShare)
      ? withBadSpan(part, random, form)
      : encodeBatch(part, form);
  });
  const repeated = random.shuffled(batches)
    .slice(0, Math.ceil(batches.length * REPEATED_SHARE));
  return random.shuffled([...batches, ...repeated]);
}

function withBadSpan(
  spans: readonly ShopSpan[],
  random: SeededRandom,
  form: { readonly json: boolean; readonly gzipped: boolean },
): ExportBatch {
  const [first] = spans;
  if (first === undefined) throw new RangeError("Cannot export no spans");
  const bad = { ...first, ...FAULTS[random.below(FAULTS.length)] };
  const accepted = plainBody(spans, form);
  const more = spans.toSpliced(random.below(spans.length + 1), 0, bad);
  return { ...encodeBatch(more, form), spans: spans.length, accepted };
}

/** One request with spans of one service. */
export function encodeBatch(
  spans: readonly ShopSpan[],
  { json = false, gzipped = false } = {},
): ExportBatch {
  const plain = plainBody(spans, { json });
  return {
    body: gzipped ? new Uint8Array(gzipSync(plain)) : plain,
    headers: {
      "content-type": json ? "application/json" : "application/x-protobuf",
      ...(gzipped ? { "content-encoding": "gzip" } : {}),
    },
    spans: spans.length,
  };
}

function plainBody(
  spans: readonly ShopSpan[],
  { json }: { readonly json: boolean },
): Uint8Array<ArrayBuffer> {
  const [first] = spans;
  if (first === undefined) throw new RangeError("Cannot export no spans");
  const request = exportRequest(first.service, spans);
  return new Uint8Array(
    json
      ? new TextEncoder().encode(JSON.stringify(request))
      : encodeProtobuf(request),
  );
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
