import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { opentelemetry } from "../../proto/generated/otlp.js";
import type { ExportRequest } from "../../src/local/otlp_json.ts";
import type { ShopSpanContext } from "../../src/local/shop_span.ts";
import type { SunkRequest } from "../harness/http_sink.ts";
import type { ExportBatch } from "../truth/export_batch.ts";

const { ExportTraceServiceRequest } = opentelemetry.proto.collector.trace.v1;
/** Of each kind, so that a report stays readable. */
const MAX_TOLD = 5;

/** What was sent and acknowledged. */
export interface Acknowledged {
  readonly batches: readonly ExportBatch[];
  readonly spans: readonly ShopSpanContext[];
}

/**
 * Where what a target took is not what was acknowledged: each span at least
 * once, in bodies that are byte for byte those that were sent, under their own
 * content type and encoding. Of a request with a bad span it is what was sent
 * without that one, byte for byte once it is inflated.
 */
export function forwardedDifferences(
  taken: readonly SunkRequest[],
  { batches, spans }: Acknowledged,
): string[] {
  const sent = new Map(
    batches.map((batch) => [digest(batch.accepted ?? batch.body), batch]),
  );
  const ids = new Set<string>();
  const odd: string[] = [];
  for (const request of taken) {
    const batch = sent.get(digest(request.body)) ??
      sent.get(digest(plainBody(request)));
    if (batch === undefined || isOther(request, batch)) {
      odd.push(`A body of ${request.body.length} bytes was never sent`);
    } else odd.push(...headerDifferences(request, batch));
    for (const id of spanIds(request)) ids.add(id);
  }
  const missing = spans.map(idOf).filter((id) => !ids.has(id));
  return [
    ...odd.slice(0, MAX_TOLD),
    ...missing.slice(0, MAX_TOLD).map((id) => `Span ${id} was not forwarded`),
    ...(missing.length > MAX_TOLD
      ? [`In all ${missing.length} of ${spans.length} spans were not forwarded`]
      : []),
  ];
}

function headerDifferences(
  { headers }: SunkRequest,
  batch: ExportBatch,
): string[] {
  return ["content-type", "content-encoding"]
    .filter((name) => headers[name] !== batch.headers[name])
    .map((name) =>
      `A body was sent with ${name} ${batch.headers[name]}, ` +
      `and forwarded with ${String(headers[name])}`
    );
}

/** Whether a body that has to be the one that was sent is only like it. */
function isOther({ body }: SunkRequest, batch: ExportBatch): boolean {
  return batch.accepted === undefined && Buffer.compare(body, batch.body) !== 0;
}

function plainBody({ body, headers }: SunkRequest): Uint8Array {
  return headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
}

function spanIds(request: SunkRequest): string[] {
  const { headers } = request;
  const plain = plainBody(request);
  if (headers["content-type"]?.startsWith("application/json") === true) {
    const text = new TextDecoder().decode(plain);
    const { resourceSpans } = JSON.parse(text) as ExportRequest;
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans)
      .flatMap(({ spans }) => spans).map(idOf);
  }
  return ExportTraceServiceRequest.decode(plain).resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans ?? [])
    .flatMap(({ spans }) => spans ?? [])
    .map(({ traceId, spanId }) =>
      idOf({ traceId: hexOf(traceId), spanId: hexOf(spanId) })
    );
}

function idOf({ traceId, spanId }: ShopSpanContext): string {
  return `${traceId}:${spanId}`;
}

function hexOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString("hex");
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
