import { gzipSync } from "node:zlib";
import type { SeededRandom } from "../../src/local/seeded_random.ts";
import type { Span } from "../../src/spans/span.ts";
import { jsonOfSpans, protobufOfSpans } from "../spans/body_of_spans.ts";
import type { ExportBatch } from "../truth/export_batch.ts";

const MAX_BATCH_SPANS = 120;
/** Spans that come a second time, in another request or the same. */
const REPEATED_SHARE = 0.1;
const JSON_SHARE = 0.4;

/** A request with the spans that it brings. */
export interface TraceBatch extends ExportBatch {
  readonly sent: readonly Span[];
}

/**
 * The requests that bring traces, each of which is spread over several of
 * them: in protobuf or JSON, half are gzipped, in half the spans of a resource
 * stand together.
 *
 * @param options `within`: a span comes no later than after so many that it
 * would come before, if nothing were shuffled.
 */
export function traceBatches(
  traces: readonly (readonly Span[])[],
  random: SeededRandom,
  { within = Infinity } = {},
): readonly TraceBatch[] {
  const spans = traces.flat();
  const all = spans.flatMap((span) =>
    random.chance(REPEATED_SHARE) ? [span, span] : [span]
  );
  const shuffled = within === Infinity ? random.shuffled(all) : all
    .map((span, at) => ({ span, at: at + random.fraction() * within }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ span }) => span);
  const batches: TraceBatch[] = [];
  for (let at = 0; at < shuffled.length;) {
    const end = at + 1 + random.below(MAX_BATCH_SPANS);
    batches.push(batchOf(shuffled.slice(at, end), random));
    at = end;
  }
  return batches;
}

function batchOf(spans: readonly Span[], random: SeededRandom): TraceBatch {
  const sent = random.chance(0.5) ? grouped(spans) : spans;
  const isJson = random.chance(JSON_SHARE);
  const isGzipped = random.chance(0.5);
  const body = isJson
    ? new TextEncoder().encode(JSON.stringify(jsonOfSpans(sent)))
    : protobufOfSpans(sent);
  return {
    body: new Uint8Array(isGzipped ? gzipSync(body) : body),
    headers: {
      "content-type": isJson ? "application/json" : "application/x-protobuf",
      ...(isGzipped && { "content-encoding": "gzip" }),
    },
    spans: sent.length,
    sent,
  };
}

function grouped(spans: readonly Span[]): readonly Span[] {
  return [...Map.groupBy(spans, ({ resource }) => resource).values()]
    .flatMap((ofResource) =>
      [...Map.groupBy(ofResource, ({ scope }) => scope).values()].flat()
    );
}
