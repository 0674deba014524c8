import { gzipSync } from "node:zlib";
import { exportRequest } from "../../src/local/otlp_json.ts";
import type { SeededRandom } from "../../src/local/seeded_random.ts";
import type { ShopSpan } from "../../src/local/shop_span.ts";
import { SpanKind } from "../../src/map/span_kind.ts";
import type { ExportBatch } from "../truth/export_batch.ts";
import { makeSpan } from "../truth/make_span.ts";
import { encodeProtobuf } from "../truth/otlp_protobuf.ts";

/** Names in one request. */
export const NAMES_PER_REQUEST = 500;

/** The one service whose spans have a new name each. */
const TALKATIVE = "talkative";

/**
 * What someone sends who wants objects and rows without end: spans that each
 * have a service name of their own, then as many with a span name of their
 * own, half of which look like the path of a request.
 */
export function* hostileBatches(
  random: SeededRandom,
  names: number,
): Generator<ExportBatch> {
  for (let at = 0; at < names; at += NAMES_PER_REQUEST) {
    const count = Math.min(NAMES_PER_REQUEST, names - at);
    yield batchOf(Array.from({ length: count }, () =>
      makeSpan(random, {
        service: `hostile-${random.hex(8)}`,
        kind: SpanKind.SERVER,
      })));
    yield batchOf(Array.from({ length: count }, (_, number) => ({
      ...makeSpan(random, { service: TALKATIVE, kind: SpanKind.SERVER }),
      name: number % 2 === 0
        ? random.hex(12)
        : `GET /users/${random.hex(8)}/orders/${random.below(1e9)}`,
    })));
  }
}

function batchOf(spans: readonly ShopSpan[]): ExportBatch {
  const request = {
    resourceSpans: spans.flatMap((span) =>
      exportRequest(span.service, [span]).resourceSpans
    ),
  };
  return {
    body: new Uint8Array(gzipSync(encodeProtobuf(request))),
    headers: {
      "content-type": "application/x-protobuf",
      "content-encoding": "gzip",
    },
    spans: spans.length,
  };
}
