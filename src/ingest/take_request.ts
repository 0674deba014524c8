import { mayPostFor } from "../access/may_post_for.ts";
import { admitSpans, type RateRefusal } from "../access/rate_limits.ts";
import { RETRY_AFTER_S } from "../http/json_error.ts";
import { logFault } from "../http/log.ts";
import type { RequestRecord } from "../http/request_record.ts";
import type { ReadResult } from "../otlp/read_result.ts";
import type { SpanBatch } from "../otlp/span_batch.ts";
import { readTracesJson } from "../otlp/traces_json.ts";
import { readTracesProtobuf } from "../otlp/traces_protobuf.ts";
import type { ForwardResult } from "../outbox/forward.ts";
import type { ReceivedRequest } from "../outbox/received_request.ts";
import type { Settings } from "../settings.ts";
import { settledWithin } from "../storage/settled_within.ts";
import { count } from "../telemetry/counters.ts";
import { acceptedBody } from "./accepted_body.ts";
import { inflateBody, receiveBody, receivedBound } from "./body.ts";
import {
  type Content,
  contentHeaders,
  type Encoding,
  readContent,
} from "./content.ts";
import type { DeliverContext } from "./deliver.ts";
import {
  readingBytes,
  readingMemory,
  receivedMemory,
} from "./isolate_memory.ts";
import type { OtlpErrorStatus } from "./otlp_answer.ts";
import { withoutServices } from "./without_services.ts";

/** How long the objects may take until the sender is told to come again, ms. */
export const HANDOVER_TIMEOUT_MS = 15_000;

const RETRY = { "retry-after": String(RETRY_AFTER_S) };

/** Where accepted spans are handed to. */
export interface IngestTargets {
  /** Makes the spans durable; rejects where a later try may succeed. */
  readonly deliver: (
    batch: SpanBatch,
    context: DeliverContext,
  ) => Promise<void>;
  /**
   * Sends the request on as it came, or makes it durable for that; rejects
   * where a later try may succeed.
   */
  readonly forward: (
    request: ReceivedRequest,
    context: DeliverContext,
  ) => Promise<ForwardResult>;
}

/** What taking a request needs. */
export interface TakeContext extends DeliverContext {
  readonly targets: IngestTargets;
  readonly record: RequestRecord;
}

/** Why a request is not taken. */
export interface Refusal {
  readonly ok: false;
  readonly status: OtlpErrorStatus;
  readonly reason: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The reason in one word, for log and counters. */
  readonly word?: string;
}

/** A request whose spans are durable, but for those that are rejected. */
export interface Taken {
  readonly ok: true;
  readonly encoding: Encoding;
  readonly rejected: number;
  /** Why the first of them is; "" without any. */
  readonly rejection: string;
}

/**
 * Takes one request of OTLP from its first byte to the point where it may be
 * acknowledged, within the memory that the isolate's requests share.
 */
export async function takeRequest(
  request: Request,
  context: TakeContext,
): Promise<Taken | Refusal> {
  const { caller, record, settings } = context;
  const type = readContent(request.headers);
  if (!type.ok) return { ...type, status: 415 };
  const maxBodyBytes = Math.min(
    settings.maxBodyBytes,
    caller.limits.bodyBytes ?? Infinity,
  );
  const bound = receivedBound(request.headers, maxBodyBytes);
  const lease = await receivedMemory.reserve(
    `${caller.tenant}/${caller.keyId}`,
    bound,
  );
  if (lease === null) return noRoom(bound);
  try {
    const received = await record.step(
      "receive",
      () => receiveBody(request, { maxBodyBytes }),
    );
    if (!received.ok) {
      return received.status === 503
        ? { ...received, headers: RETRY, word: "slow_body" }
        : received;
    }
    const { bytes } = received;
    record.note({ bytesIn: bytes.length });
    const { content } = type;
    const body = {
      body: bytes,
      ...contentHeaders(request.headers, content),
    };
    return await takeBody(body, content, context);
  } finally {
    lease.release();
  }
}

async function takeBody(
  body: ReceivedRequest,
  content: Content,
  context: TakeContext,
): Promise<Taken | Refusal> {
  const { caller, record, settings } = context;
  const needed = readingBytes(body.body, content, settings);
  const lease = await readingMemory.reserve(
    `${caller.tenant}/${caller.keyId}`,
    needed,
  );
  if (lease === null) return noRoom(needed);
  try {
    const inflated = await inflateBody(body.body, content, settings);
    if (!inflated.ok) return inflated;
    const read = readSpans(inflated.bytes, content.encoding, settings);
    if (!read.ok) return { ...read, status: 400 };
    const batch = withoutServices(
      read.batch,
      (service) => mayPostFor(caller.limits, service),
    );
    const { rejected, rejection, spans } = batch;
    const nowMs = Date.now();
    const wait = admitSpans(caller, { spans: spans.length, nowMs });
    if (wait !== null) return tooFast(wait);
    countLosses(batch, caller.tenant);
    if (spans.length > 0) {
      const { encoding } = content;
      const accepted = await acceptedBody(body, inflated.bytes, {
        batch,
        encoding,
      });
      const failure = await handOver(batch, accepted, context);
      if (failure !== null) return failure;
    }
    const spansAccepted = spans.length;
    record.note({ spansAccepted, spansRejected: rejected });
    return { ok: true, encoding: content.encoding, rejected, rejection };
  } finally {
    lease.release();
  }
}

/** Makes spans durable and sends them on; null where both are done. */
async function handOver(
  batch: SpanBatch,
  body: ReceivedRequest,
  context: TakeContext,
): Promise<Refusal | null> {
  const { record, targets } = context;
  let forwarded: ForwardResult = { ok: true };
  async function forward(): Promise<void> {
    forwarded = await targets.forward(body, context);
  }
  try {
    const handed = Promise.all([
      record.step("deliver", () => targets.deliver(batch, context)),
      record.step("forward", forward),
    ]);
    if (!await settledWithin(handed, HANDOVER_TIMEOUT_MS)) {
      throw new Error(`Nothing was stored within ${HANDOVER_TIMEOUT_MS} ms`);
    }
  } catch (error) {
    const spans = batch.spans.length;
    logFault("delivery_failed", error, { request_id: record.id, spans });
    const reason = "Storage did not take the spans: send the request again " +
      "after the time in Retry-After";
    return { ok: false, status: 503, reason, headers: RETRY, word: "storage" };
  }
  return refusedBy(forwarded);
}

function tooFast({ reason, retryAfterS, word }: RateRefusal): Refusal {
  const headers = { "retry-after": String(retryAfterS) };
  return { ok: false, status: 429, reason, headers, word };
}

function refusedBy(forwarded: ForwardResult): Refusal | null {
  if (forwarded.ok) return null;
  const { reason, retryAfterS } = forwarded;
  const headers = { "retry-after": String(retryAfterS) };
  return { ok: false, status: 503, reason, headers, word: "outbox_full" };
}

function countLosses(batch: SpanBatch, tenant: string): void {
  for (const [reason, amount] of batch.rejections) {
    count(tenant, "rejected_spans", { amount, reason });
  }
  count(tenant, "dropped_links", { amount: batch.droppedLinks });
}

function readSpans(
  bytes: Uint8Array,
  encoding: Encoding,
  settings: Settings,
): ReadResult {
  const options = {
    samplingAttribute: settings.samplingAttribute ?? undefined,
  };
  return encoding === "json"
    ? readTracesJson(bytes, options)
    : readTracesProtobuf(bytes, options);
}

function noRoom(bytes: number): Refusal {
  return {
    ok: false,
    status: 503,
    reason: `There is no room for ${bytes} bytes more now: send the request ` +
      "again after the time in Retry-After, or send smaller batches",
    headers: RETRY,
    word: "no_room",
  };
}
