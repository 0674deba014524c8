/**
 * What an attempt means for the request that was sent:
 * - `delivered`: the target has it.
 * - `away`: the target takes nothing now.
 * - `misconfigured`: it takes nothing from us until somebody changes a setting.
 * - `never`: it will not take this request however often it comes.
 * - `doubtful`: the fault is the request's or the target's.
 */
export type OutcomeKind =
  | "delivered"
  | "away"
  | "misconfigured"
  | "never"
  | "doubtful";

/** An attempt that the target took. */
export interface Delivered {
  readonly kind: "delivered";
  /** Spans that it refused all the same. */
  readonly rejected: number;
  /** What it says of them; "" without. */
  readonly message: string;
}

/** An attempt that the target did not take. */
export interface Failure {
  readonly kind: Exclude<OutcomeKind, "delivered">;
  /** For an operator; holds no secret. */
  readonly reason: string;
  /** What it is counted by: the status, `network`, `timeout`… */
  readonly label: string;
  /** HTTP status; null without an answer. */
  readonly status: number | null;
  /** How long it asks us to wait, ms. */
  readonly retryAfterMs: number | null;
}

/** How an attempt ended. */
export type Outcome = Delivered | Failure;

const AWAY: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);
const MISCONFIGURED: ReadonlySet<number> = new Set([401, 403, 404, 405]);

/**
 * What a status means for the request.
 *
 * Source: the OTLP specification 1.11, "OTLP/HTTP response" (429, 502, 503 and
 * 504 are to be retried, other 4xx not), but for what the operator can put
 * right: no key, no such path.
 *
 * @example
 * ```ts
 * import { classifyStatus } from "../src/outbox/classify_answer.ts";
 *
 * expect(classifyStatus(200)).toBe("delivered");
 * expect(classifyStatus(503)).toBe("away");
 * expect(classifyStatus(401)).toBe("misconfigured");
 * expect(classifyStatus(400)).toBe("never");
 * expect(classifyStatus(500)).toBe("doubtful");
 * ```
 */
export function classifyStatus(status: number): OutcomeKind {
  if (status >= 200 && status < 300) return "delivered";
  if (AWAY.has(status)) return "away";
  if (MISCONFIGURED.has(status) || status < 400) return "misconfigured";
  return status < 500 ? "never" : "doubtful";
}
