import { gzipSync } from "node:zlib";
import { exportRequest } from "../../src/local/otlp_json.ts";
import type { SeededRandom } from "../../src/local/seeded_random.ts";
import type { ShopSpan } from "../../src/local/shop_span.ts";
import { SpanKind } from "../../src/map/span_kind.ts";
import type { ExportBatch } from "../truth/export_batch.ts";
import { makeSpan } from "../truth/make_span.ts";
import { encodeProtobuf } from "../truth/otlp_protobuf.ts";

/** Names in one request. */
export const NAMES_PER_REQUEST = 100;
/** How the name of each hostile service begins. */
export const HOSTILE_PREFIX = "hostile-";
/** Of the span names, those that look like the path of a request. */
export const PATH_SHARE = 0.5;

/** The one service whose spans have a new name each. */
const TALKATIVE = `${HOSTILE_PREFIX}talkative`;

/**
 * What someone sends who wants objects and rows without end: spans with a name
 * of their own, half of which look like the path of a request, and as many that
 * each have a service name of their own.
 *
 * @param names How many of each: a multiple of `NAMES_PER_REQUEST`.
 */
export function hostileBatches(
  random: SeededRandom,
  names: number,
): ExportBatch[] {
  return Array.from({ length: names / NAMES_PER_REQUEST }, () => [
    batchOf((at) => ({
      ...makeSpan(random, { service: TALKATIVE, kind: SpanKind.SERVER }),
      name: at < NAMES_PER_REQUEST * PATH_SHARE
        ? `GET /users/${random.hex(8)}/orders/${random.below(1e9)}`
        : random.hex(12),
    })),
    batchOf(() =>
      makeSpan(random, {
        service: HOSTILE_PREFIX + random.hex(8),
        kind: SpanKind.SERVER,
      })
    ),
  ]).flat();
}

function batchOf(span: (at: number) => ShopSpan): ExportBatch {
  const spans = Array.from({ length: NAMES_PER_REQUEST }, (_, at) => span(at));
  const request = {
    resourceSpans: spans.flatMap((one) =>
      exportRequest(one.service, [one]).resourceSpans
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
