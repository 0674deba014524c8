/** Row and index bytes that a stored request costs beside its own. */
const OVERHEAD_BYTES = 256;

/** A request to be sent on as it came. */
export interface ReceivedRequest {
  /** The body, byte for byte, compressed as it was. */
  readonly body: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** null where the request had none. */
  readonly contentEncoding: string | null;
  /** How many spans it has, where that is known. */
  readonly spans?: number;
  /** `Idempotency-Key`, the same however often it is sent; null sends none. */
  readonly idempotencyKey?: string | null;
}

/** Bytes that a stored request is charged with. */
export function storedBytes(request: ReceivedRequest): number {
  const { body, contentType, contentEncoding, idempotencyKey } = request;
  return body.length + contentType.length + (contentEncoding?.length ?? 0) +
    (idempotencyKey?.length ?? 0) + OVERHEAD_BYTES;
}
