import { status as Code } from "@grpc/grpc-js";

/** The wait of a 429 that names none, s. */
export const DEFAULT_RETRY_S = 1;

/** Statuses whose meaning OTLP and gRPC agree on. */
const CODES: Readonly<Record<number, Code>> = {
  400: Code.INVALID_ARGUMENT,
  401: Code.UNAUTHENTICATED,
  403: Code.PERMISSION_DENIED,
  404: Code.UNIMPLEMENTED,
  405: Code.UNIMPLEMENTED,
  408: Code.UNAVAILABLE,
  413: Code.RESOURCE_EXHAUSTED,
  415: Code.INVALID_ARGUMENT,
  429: Code.RESOURCE_EXHAUSTED,
  500: Code.INTERNAL,
  502: Code.UNAVAILABLE,
  503: Code.UNAVAILABLE,
  504: Code.UNAVAILABLE,
};

/** Cloudflare's own, where its edge does not reach the Worker. */
const FIRST_EDGE_STATUS = 520;
const LAST_EDGE_STATUS = 530;

/**
 * The code that says in gRPC what a status says in HTTP. UNAVAILABLE is what a
 * client sends again; INTERNAL and UNKNOWN it does not.
 *
 * Source: the OTLP specification 1.11, "Failures".
 *
 * @example
 * ```ts
 * import { grpcCode } from "../src/gateway/grpc_status.ts";
 *
 * expect(grpcCode(200)).toBe(0); // OK
 * expect(grpcCode(401)).toBe(16); // UNAUTHENTICATED
 * expect(grpcCode(503)).toBe(14); // UNAVAILABLE
 * ```
 */
export function grpcCode(httpStatus: number): Code {
  if (httpStatus >= 200 && httpStatus < 300) return Code.OK;
  const known = CODES[httpStatus];
  if (known !== undefined) return known;
  return httpStatus >= FIRST_EDGE_STATUS && httpStatus <= LAST_EDGE_STATUS
    ? Code.UNAVAILABLE
    : Code.UNKNOWN;
}

/**
 * After how many seconds a client is told to send again; null tells it
 * nothing. Only a wait makes RESOURCE_EXHAUSTED one that clients send again, so
 * a 413 never has one, and a 429 always.
 *
 * @param retryAfterS What `Retry-After` says.
 *
 * @example
 * ```ts
 * import { retryDelayS } from "../src/gateway/grpc_status.ts";
 *
 * expect(retryDelayS(429, null)).toBe(1);
 * expect(retryDelayS(503, 5)).toBe(5);
 * expect(retryDelayS(413, 5)).toBe(null);
 * ```
 */
export function retryDelayS(
  httpStatus: number,
  retryAfterS: number | null,
): number | null {
  if (httpStatus === 429) return retryAfterS ?? DEFAULT_RETRY_S;
  return grpcCode(httpStatus) === Code.UNAVAILABLE ? retryAfterS : null;
}
