import type { ResourceAttributes } from "./span_batch.ts";

/** Why spans are rejected: what is wrong with their ids, end, number, service. */
export type RejectionReason =
  | "trace_id"
  | "span_id"
  | "end_time"
  | "too_many"
  | "service";

/** Why a span is rejected. */
export interface Rejection {
  readonly reason: RejectionReason;
  /** What is wrong with it: `trace_id is all zeros`. */
  readonly problem: string;
  readonly name: string;
  readonly resource: ResourceAttributes;
}

/**
 * A rejection in words.
 *
 * @example
 * ```ts
 * import { describeRejection } from "../src/otlp/rejection.ts";
 *
 * const text = describeRejection({
 *   reason: "trace_id",
 *   problem: "trace_id is all zeros",
 *   name: "GET /",
 *   resource: { serviceName: "web" },
 * });
 * expect(text).toBe('span "GET /" of service "web": trace_id is all zeros');
 * ```
 */
export function describeRejection(
  { problem, name, resource }: Omit<Rejection, "reason">,
): string {
  const service = resource.serviceName === undefined
    ? "a service without a name"
    : `service ${JSON.stringify(resource.serviceName)}`;
  return `span ${JSON.stringify(name)} of ${service}: ${problem}`;
}
