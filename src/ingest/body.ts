import { collectBytes } from "./collect_bytes.ts";
import type { Content } from "./content.ts";
import { inflate } from "./inflate.ts";

/** Limits on the bytes of one request. */
export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly maxInflatedBytes: number;
}

/** A body, as it came and as it reads; or why it cannot be had. */
export type BodyResult =
  | {
    readonly ok: true;
    /** Byte for byte what was sent. */
    readonly received: Uint8Array<ArrayBuffer>;
    /** The same, decompressed. */
    readonly bytes: Uint8Array<ArrayBuffer>;
  }
  | {
    readonly ok: false;
    readonly status: 400 | 413;
    readonly reason: string;
  };

/**
 * Reads a request's body within both limits. `Content-Length` can refuse a body
 * before any of it is read; what counts are the bytes that come. A body of no
 * bytes is one, compressed or not.
 *
 * @example
 * ```ts
 * import { readBody } from "../src/ingest/body.ts";
 *
 * const request = new Request("https://tracecore.example/v1/traces", {
 *   method: "POST",
 *   body: "{}",
 * });
 * const content = { encoding: "json", compression: null } as const;
 * const limits = { maxBodyBytes: 1, maxInflatedBytes: 100 };
 * const body = await readBody(request, content, limits);
 * expect(body.ok ? 200 : body.status).toBe(413);
 * ```
 */
export async function readBody(
  request: Request,
  content: Content,
  limits: BodyLimits,
): Promise<BodyResult> {
  const { maxBodyBytes, maxInflatedBytes } = limits;
  const declared = declaredLength(request.headers);
  if (declared !== null && declared > maxBodyBytes) {
    return tooLong(`${declared} bytes`, maxBodyBytes);
  }
  const received = await receive(request, maxBodyBytes, declared);
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
  if (content.compression === null || received.length === 0) {
    if (received.length > maxInflatedBytes) {
      return tooLong(`${received.length} bytes`, maxInflatedBytes);
    }
    return { ok: true, received, bytes: received };
  }
  const inflated = await inflate(received, content.compression, {
    limit: maxInflatedBytes,
  });
  return inflated.ok ? { ok: true, received, bytes: inflated.bytes } : inflated;
}

async function receive(
  request: Request,
  limit: number,
  declared: number | null,
): Promise<Uint8Array<ArrayBuffer> | Error | null> {
  const body = request.body as ReadableStream<Uint8Array> | null;
  if (body === null) return new Uint8Array();
  try {
    return await collectBytes(body, {
      limit,
      ...(declared === null ? {} : { expected: declared }),
    });
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
