import {
  collectBytes,
  type CollectOptions,
  SlowStreamError,
} from "./collect_bytes.ts";
import type { Content } from "./content.ts";
import { inflate } from "./inflate.ts";

/**
 * How long a body may take to come, ms: its room is not there for others
 * meanwhile, and is taken for lost after MAX_LEASE_MS.
 */
export const MAX_RECEIVE_MS = 30_000;

/** Limits on the bytes of one request. */
export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly maxInflatedBytes: number;
}

/** Bytes, or why they cannot be had. */
export type BodyResult =
  | { readonly ok: true; readonly bytes: Uint8Array<ArrayBuffer> }
  | {
    readonly ok: false;
    readonly status: 400 | 413 | 503;
    readonly reason: string;
  };

/** At most how many bytes of a body are received. */
export function receivedBound(headers: Headers, maxBodyBytes: number): number {
  return Math.min(declaredLength(headers) ?? maxBodyBytes, maxBodyBytes);
}

/**
 * Receives a request's body, byte for byte. `Content-Length` can refuse it
 * before any of it is read; what counts are the bytes that come.
 *
 * @returns 413 above the limit; 400 where it breaks off; 503 where it has not
 * come within `withinMs`.
 *
 * @example
 * ```ts
 * import { receiveBody } from "../src/ingest/body.ts";
 *
 * const request = new Request("https://tracecore.example/v1/traces", {
 *   method: "POST",
 *   body: "{}",
 * });
 * const body = await receiveBody(request, { maxBodyBytes: 1 });
 * expect(body.ok ? 200 : body.status).toBe(413);
 * ```
 */
export async function receiveBody(
  request: Request,
  { maxBodyBytes, withinMs = MAX_RECEIVE_MS }:
    & Pick<BodyLimits, "maxBodyBytes">
    & {
      /** ms; @default MAX_RECEIVE_MS */
      readonly withinMs?: number;
    },
): Promise<BodyResult> {
  const declared = declaredLength(request.headers);
  if (declared !== null && declared > maxBodyBytes) {
    return tooLong(`${declared} bytes`, maxBodyBytes);
  }
  const received = await receive(request, {
    limit: maxBodyBytes,
    withinMs,
    ...(declared === null ? {} : { expected: declared }),
  });
  if (received instanceof SlowStreamError) {
    return {
      ok: false,
      status: 503,
      reason:
        `The body has not come within ${withinMs} ms: send it again, or ` +
        "smaller batches",
    };
  }
  if (received instanceof Error) {
    return {
      ok: false,
      status: 400,
      reason: `Cannot read the body to its end: ${received.message}`,
    };
  }
  if (received === null) {
    return tooLong(`more than ${maxBodyBytes} bytes`, maxBodyBytes);
  }
  return { ok: true, bytes: received };
}

/**
 * What a received body reads as. A body of no bytes is one, compressed or not.
 */
export function inflateBody(
  received: Uint8Array<ArrayBuffer>,
  content: Content,
  { maxInflatedBytes }: Pick<BodyLimits, "maxInflatedBytes">,
): Promise<BodyResult> {
  const { compression } = content;
  if (compression !== null && received.length > 0) {
    return inflate(received, compression, { limit: maxInflatedBytes });
  }
  return Promise.resolve(
    received.length > maxInflatedBytes
      ? tooLong(`${received.length} bytes`, maxInflatedBytes)
      : { ok: true, bytes: received },
  );
}

async function receive(
  request: Request,
  options: CollectOptions,
): Promise<Uint8Array<ArrayBuffer> | Error | null> {
  const body = request.body as ReadableStream<Uint8Array> | null;
  if (body === null) return new Uint8Array();
  try {
    return await collectBytes(body, options);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function declaredLength(headers: Headers): number | null {
  const length = headers.get("content-length");
  return length !== null && /^\d+$/.test(length) ? Number(length) : null;
}

function tooLong(found: string, limit: number): BodyResult {
  return {
    ok: false,
    status: 413,
    reason: `The body has ${found}, and ${limit} are the most that is taken: ` +
      "send smaller batches",
  };
}
