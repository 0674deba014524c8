import { readContent } from "../ingest/content.ts";
import { inflateBody } from "../ingest/body.ts";
import { errorText, unansweredFailure } from "../outbox/answer_text.ts";
import type { Failure } from "../outbox/classify_answer.ts";
import type { ReceivedRequest } from "../outbox/received_request.ts";
import type { BatchOutcome, RequestBatch } from "../outbox/request_batch.ts";
import type { Span } from "../spans/span.ts";
import type { ClickHouseTarget } from "./clickhouse_target.ts";
import { GzipText } from "./gzip_text.ts";
import { insertRows } from "./insert.ts";
import { clickhouseRow } from "./row.ts";
import type { ReadSpans } from "./span_readers.ts";

/** Rows that are compressed at a time. */
const ROWS_AT_A_TIME = 500;

/** Where requests go, and how they are read. */
export interface InsertOptions {
  readonly target: ClickHouseTarget;
  /** For whom: the token of one tenant is none of another. */
  readonly tenant: string;
  readonly readSpans: ReadSpans;
  /** Limit on the decompressed bytes of one request. */
  readonly maxInflatedBytes: number;
  /** How long the insert may take, ms. */
  readonly timeoutMs: number;
}

/**
 * Sends requests as one insert. One that cannot be read is told by its place,
 * and the others are sent without it. One is read at a time, so that the spans
 * of all are never in memory together.
 */
export async function insertRequests(
  { requests, token }: RequestBatch,
  options: InsertOptions,
): Promise<BatchOutcome> {
  const gzip = new GzipText();
  const unreadable: { at: number; failure: Failure }[] = [];
  let rows = 0;
  for (const [at, request] of requests.entries()) {
    const read = await spansOf(request, options);
    if (!read.ok) {
      unreadable.push({ at, failure: unreadableFailure(read.reason) });
      continue;
    }
    for (let from = 0; from < read.spans.length; from += ROWS_AT_A_TIME) {
      const some = read.spans.slice(from, from + ROWS_AT_A_TIME);
      await gzip.write(
        some.map((span) => `${JSON.stringify(clickhouseRow(span))}\n`).join(""),
      );
    }
    rows += read.spans.length;
  }
  const body = await gzip.end();
  if (rows === 0) {
    const outcome = { kind: "delivered", rejected: 0, message: "" } as const;
    return { outcome, unreadable };
  }
  const { target, tenant, timeoutMs } = options;
  const outcome = await insertRows(target, {
    rows: body,
    token: `tracecore/${encodeURIComponent(tenant)}/${token}`,
    timeoutMs,
  });
  return { outcome, unreadable };
}

async function spansOf(
  request: ReceivedRequest,
  { readSpans, maxInflatedBytes }: InsertOptions,
): Promise<
  | { readonly ok: true; readonly spans: readonly Span[] }
  | { readonly ok: false; readonly reason: string }
> {
  const type = readContent(
    new Headers({
      "content-type": request.contentType,
      ...(request.contentEncoding === null
        ? {}
        : { "content-encoding": request.contentEncoding }),
    }),
  );
  if (!type.ok) return type;
  const limits = { maxInflatedBytes };
  const body = await inflateBody(request.body, type.content, limits);
  if (!body.ok) return body;
  try {
    return { ok: true, spans: readSpans(body.bytes, type.content.encoding) };
  } catch (error) {
    return { ok: false, reason: errorText(error) };
  }
}

function unreadableFailure(reason: string): Failure {
  return unansweredFailure(
    `The stored request cannot be read into rows: ${reason}`,
    { kind: "never", label: "unreadable" },
  );
}
