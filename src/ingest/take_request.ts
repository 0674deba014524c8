import { RETRY_AFTER_S } from "../http/json_error.ts";
import { logFault } from "../http/log.ts";
import type { ReadResult } from "../otlp/read_result.ts";
import type { SpanBatch } from "../otlp/span_batch.ts";
import { readTracesJson } from "../otlp/traces_json.ts";
import { readTracesProtobuf } from "../otlp/traces_protobuf.ts";
import type { Settings } from "../settings.ts";
import { settledWithin } from "../storage/settled_within.ts";
import { inflateBody, receiveBody, receivedBound } from "./body.ts";
import { type Content, type Encoding, readContent } from "./content.ts";
import type { DeliverContext } from "./deliver.ts";
import type { ReceivedRequest } from "./forward.ts";
import {
  readingBytes,
  readingMemory,
  receivedMemory,
} from "./isolate_memory.ts";
import type { OtlpErrorStatus } from "./otlp_answer.ts";
import type { TempoTarget } from "./tempo_target.ts";

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
  /** Sends the request on as it came; never rejects. */
  readonly forward: (
    request: ReceivedRequest,
    target: TempoTarget,
  ) => Promise<void>;
}

/** Why a request is not taken. */
export interface Refusal {
  readonly ok: false;
  readonly status: OtlpErrorStatus;
  readonly reason: string;
  readonly headers?: Readonly<Record<string, string>>;
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
  targets: IngestTargets,
  context: DeliverContext,
): Promise<Taken | Refusal> {
  const { caller, settings } = context;
  const type = readContent(request.headers);
  if (!type.ok) return { ...type, status: 415 };
  const bound = receivedBound(request.headers, settings.maxBodyBytes);
  const lease = await receivedMemory.reserve(
    `${caller.tenant}/${caller.keyId}`,
    bound,
  );
  if (lease === null) return noRoom(bound);
  try {
    const received = await receiveBody(request, settings);
    if (!received.ok) return received;
    const { content } = type;
    return await takeBody({ request, received: received.bytes, content }, {
      targets,
      context,
    });
  } finally {
    lease.release();
  }
}

async function takeBody(
  { request, received, content }: {
    readonly request: Request;
    readonly received: Uint8Array<ArrayBuffer>;
    readonly content: Content;
  },
  { targets, context }: {
    readonly targets: IngestTargets;
    readonly context: DeliverContext;
  },
): Promise<Taken | Refusal> {
  const { settings } = context;
  const needed = readingBytes(received, content, settings);
  const lease = await readingMemory.reserve(context.caller.tenant, needed);
  if (lease === null) return noRoom(needed);
  try {
    const body = await inflateBody(received, content, settings);
    if (!body.ok) return body;
    const read = readSpans(body.bytes, content.encoding, settings);
    if (!read.ok) return { ...read, status: 400 };
    const { batch } = read;
    const taken: Taken = {
      ok: true,
      encoding: content.encoding,
      rejected: batch.rejected,
      rejection: batch.rejection,
    };
    if (batch.spans.length === 0) return taken;
    try {
      const handed = Promise.all([
        targets.deliver(batch, context),
        forward({ request, received }, { targets, context }),
      ]);
      if (await settledWithin(handed, HANDOVER_TIMEOUT_MS)) return taken;
      throw new Error(`Nothing was stored within ${HANDOVER_TIMEOUT_MS} ms`);
    } catch (error) {
      logFault("delivery_failed", error, { spans: batch.spans.length });
      const reason = "Storage did not take the spans: send the request again " +
        "after the time in Retry-After";
      return { ok: false, status: 503, reason, headers: RETRY };
    }
  } finally {
    lease.release();
  }
}

async function forward(
  { request, received }: {
    readonly request: Request;
    readonly received: Uint8Array<ArrayBuffer>;
  },
  { targets, context }: {
    readonly targets: IngestTargets;
    readonly context: DeliverContext;
  },
): Promise<void> {
  const { tempo } = context.settings;
  if (tempo === null) return;
  await targets.forward({
    body: received,
    contentType: request.headers.get("content-type") ?? "",
    contentEncoding: request.headers.get("content-encoding"),
  }, tempo);
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
  };
}
