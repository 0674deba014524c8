import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { opentelemetry } from "../../proto/generated/otlp.js";
import { SeededRandom } from "../../src/local/seeded_random.ts";
import {
  type ExportBatch,
  exportBatches,
  MAX_BATCH_SPANS,
} from "./export_batch.ts";
import { shopTraffic } from "./shop_traffic.ts";

const { ExportTraceServiceRequest } = opentelemetry.proto.collector.trace.v1;
const TRAFFIC = shopTraffic(new SeededRandom(5), {
  nowMs: 1_790_000_000_000,
  spans: 20_000,
});
const BATCHES = exportBatches(TRAFFIC.spans, new SeededRandom(6));

function plain({ body, headers }: ExportBatch): Uint8Array {
  return headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
}

function isJson({ headers }: ExportBatch): boolean {
  return headers["content-type"] === "application/json";
}

/** Service, span id, end and links of each span, read back from the bytes. */
function described(batch: ExportBatch): string[] {
  const bytes = plain(batch);
  const { resourceSpans } = isJson(batch)
    ? JSON.parse(new TextDecoder().decode(bytes))
    : ExportTraceServiceRequest.decode(bytes);
  return resourceSpans.flatMap((
    { resource, scopeSpans }: {
      resource: { attributes: { value: { stringValue: string } }[] };
      scopeSpans: { spans: Record<string, unknown>[] }[];
    },
  ) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) =>
        [
          resource.attributes.slice(0, 3)
            .map(({ value }) => value.stringValue),
          hex(span["spanId"]),
          `${span["endTimeUnixNano"]}`,
          (span["links"] as { spanId: unknown }[]).map(({ spanId }) =>
            hex(spanId)
          ),
        ].join()
      )
    )
  );
}

function hex(id: unknown): string {
  return id instanceof Uint8Array ? Buffer.from(id).toString("hex") : `${id}`;
}

test("exportBatches() carries every span, at most 512 of one service in each", () => {
  const expected = TRAFFIC.spans.map((span) =>
    [
      Object.values(span.service.resource).slice(0, 3),
      span.spanId,
      `${span.endNs}`,
      span.links.map(({ spanId }) => spanId),
    ].join()
  );
  const sent = BATCHES.map(described);
  expect(new Set(sent.flat())).toEqual(new Set(expected));
  for (const [at, lines] of sent.entries()) {
    expect(lines.length).toBe(BATCHES[at]?.spans);
    expect(lines.length).toBeLessThanOrEqual(MAX_BATCH_SPANS);
    expect(new Set(lines.map((line) => line.split(",")[0])).size).toBe(1);
  }
});

test("exportBatches() sends a tenth of the requests twice", () => {
  const bodies = new Set(
    BATCHES.map(({ body }) => Buffer.from(body).toString("base64")),
  );
  expect(BATCHES.length - bodies.size).toBe(Math.ceil(bodies.size * 0.1));
});

test("exportBatches() sends 30 % as JSON and half gzipped", () => {
  const distinct = [
    ...new Map(BATCHES.map((batch) => [batch.body.toString(), batch])).values(),
  ];
  const gzipped = distinct.filter(({ headers }) =>
    headers["content-encoding"] === "gzip"
  );
  expect(distinct.filter(isJson).length / distinct.length).toBeCloseTo(0.3, 1);
  expect(gzipped.length / distinct.length).toBeCloseTo(0.5, 1);
});

test("exportBatches() with badShare 1 adds one span to each request, and says what is left without it", () => {
  const { spans } = shopTraffic(new SeededRandom(7), {
    nowMs: 1_790_000_000_000,
    spans: 600,
  });
  const batches = exportBatches(spans, new SeededRandom(8), { badShare: 1 });
  for (const batch of batches) {
    const { "content-encoding": _, ...headers } = batch.headers;
    const left = { ...batch, headers, body: batch.accepted ?? batch.body };
    const accepted = described(left);
    const sent = described(batch);
    expect(accepted).toHaveLength(batch.spans);
    expect(sent).toHaveLength(batch.spans + 1);
    const more = sent.findIndex((line, at) => line !== accepted[at]);
    expect(sent.toSpliced(more < 0 ? batch.spans : more, 1)).toEqual(accepted);
  }
});
