import { logFault } from "../http/log.ts";
import type { TempoTarget } from "./tempo_target.ts";

/** How long the target may take to answer, in ms. */
export const FORWARD_TIMEOUT_MS = 2000;
/** Bytes of requests that wait for the target's answer, in one isolate. */
export const MAX_PENDING_FORWARD_BYTES = 32 * 1024 * 1024;

/** A request to be forwarded as it came. */
export interface ReceivedRequest {
  /** The body, byte for byte, compressed as it was. */
  readonly body: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** null where the request had none. */
  readonly contentEncoding: string | null;
}

/** What has been forwarded since the isolate started. */
export interface ForwardCounters {
  /** Requests that the target took. */
  readonly forwarded: number;
  /** Requests that it did not take, or that were not tried. */
  readonly failed: number;
  /** Bytes that wait for its answer now. */
  readonly pendingBytes: number;
  /** Why the last failure happened; null without any. */
  readonly lastError: string | null;
}

/** Overrides of the limits. */
export interface ForwardOptions {
  /** @default {FORWARD_TIMEOUT_MS} */
  readonly timeoutMs?: number;
  /** @default {MAX_PENDING_FORWARD_BYTES} */
  readonly maxPendingBytes?: number;
}

const counters = {
  forwarded: 0,
  failed: 0,
  pendingBytes: 0,
  lastError: null as string | null,
};

/** What has been forwarded since the isolate started. */
export function forwardCounters(): ForwardCounters {
  return { ...counters };
}

/**
 * Posts a request to the target, once. A failure is counted and logged, and
 * never thrown: spans are safe with TraceCore whatever the target does.
 */
export async function forwardToTempo(
  request: ReceivedRequest,
  target: TempoTarget,
  options: ForwardOptions = {},
): Promise<void> {
  const {
    timeoutMs = FORWARD_TIMEOUT_MS,
    maxPendingBytes = MAX_PENDING_FORWARD_BYTES,
  } = options;
  const { length } = request.body;
  if (counters.pendingBytes + length > maxPendingBytes) {
    countFailure(
      new RangeError(
        `Cannot forward ${length} bytes: ${counters.pendingBytes} wait ` +
          `already, of ${maxPendingBytes}`,
      ),
    );
    return;
  }
  counters.pendingBytes += length;
  try {
    await post(request, target, timeoutMs);
    counters.forwarded++;
  } catch (error) {
    countFailure(error);
  } finally {
    counters.pendingBytes -= length;
  }
}

async function post(
  request: ReceivedRequest,
  target: TempoTarget,
  timeoutMs: number,
): Promise<void> {
  const response = await fetch(target.url, {
    method: "POST",
    headers: {
      ...target.headers,
      "content-type": request.contentType,
      ...(request.contentEncoding === null
        ? {}
        : { "content-encoding": request.contentEncoding }),
    },
    body: request.body,
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.body?.cancel();
  if (!response.ok) {
    throw new Error(`The target answered with status ${response.status}`);
  }
}

function countFailure(error: unknown): void {
  counters.failed++;
  counters.lastError = error instanceof Error ? error.message : String(error);
  logFault("forward_failed", error);
}
