import { logFault } from "../http/log.ts";
import type { DeliverContext } from "../ingest/deliver.ts";
import { count } from "../telemetry/counters.ts";
import { CircuitBreaker } from "./circuit_breaker.ts";
import type { Failure } from "./classify_answer.ts";
import type { Refusal } from "./dead_letters.ts";
import { outboxOf } from "./outbox_stub.ts";
import { postToTarget } from "./post_to_target.ts";
import type { ReceivedRequest } from "./received_request.ts";
import { isClickHouse, type Target } from "./target.ts";

/** How long a target may take before the outbox takes over, ms. */
export const FORWARD_TIMEOUT_MS = 2000;
/** What a client waits for before it tries a full outbox again, s. */
export const FULL_RETRY_AFTER_S = 30;

/** Whether every target has a request, or will get it. */
export type ForwardResult =
  | { readonly ok: true }
  | {
    readonly ok: false;
    readonly reason: string;
    /** When to send it again, s. */
    readonly retryAfterS: number;
  };

const DONE: ForwardResult = { ok: true };
const breaker = new CircuitBreaker();

/**
 * Gives a request to every target, at once where it answers in time, and else
 * to its outbox; to ClickHouse through its outbox alone. Settles when each target has it or it is on disk.
 *
 * @throws Where an outbox is overloaded or fails: the sender should come
 *   again, and targets may see the request twice.
 */
export async function forwardSpans(
  request: ReceivedRequest,
  context: DeliverContext,
): Promise<ForwardResult> {
  const results = await Promise.allSettled(
    context.settings.targets.map((target) =>
      forwardTo(target, request, context)
    ),
  );
  const fault = results.find((result) => result.status === "rejected");
  if (fault !== undefined) throw fault.reason;
  return results.flatMap((result) =>
    result.status === "fulfilled" && !result.value.ok ? [result.value] : []
  )[0] ?? DONE;
}

async function forwardTo(
  target: Target,
  request: ReceivedRequest,
  context: DeliverContext,
): Promise<ForwardResult> {
  const { tenant } = context.caller;
  // Its outbox makes few large inserts of many requests.
  if (isClickHouse(target)) {
    return store(target, request, { context, refusal: null });
  }
  const id = `${encodeURIComponent(tenant)}/${target.name}`;
  if (!breaker.mayTry(id, Date.now())) {
    return store(target, request, { context, refusal: null });
  }
  const timeoutMs = FORWARD_TIMEOUT_MS;
  const outcome = await postToTarget(request, { target, tenant, timeoutMs });
  if (outcome.kind === "delivered") {
    breaker.succeeded(id);
    count(tenant, "forwarded");
    return DONE;
  }
  noteFailure(outcome, target, tenant);
  const never = outcome.kind === "never";
  if (never) breaker.succeeded(id);
  else {
    const { retryAfterMs } = outcome;
    const random = Math.random();
    breaker.failed(id, { nowMs: Date.now(), random, retryAfterMs });
  }
  return store(target, request, {
    context,
    refusal: never ? outcome : null,
  });
}

async function store(
  target: Target,
  request: ReceivedRequest,
  { context, refusal }: {
    readonly context: DeliverContext;
    readonly refusal: Refusal | null;
  },
): Promise<ForwardResult> {
  const { tenant } = context.caller;
  const of = { tenant, target: target.name };
  const admission = await outboxOf(context.bindings, of).append({
    request,
    refusal: refusal === null
      ? null
      : { reason: refusal.reason, status: refusal.status },
  }, of);
  count(tenant, admission.ok ? "outbox_stored" : "outbox_refused");
  if (admission.ok) return DONE;
  return {
    ok: false,
    reason: `Cannot take the spans: ${admission.reason}; target ` +
      `"${target.name}" has not taken what waits`,
    retryAfterS: FULL_RETRY_AFTER_S,
  };
}

function noteFailure(
  failure: Failure,
  target: Target,
  tenant: string,
): void {
  count(tenant, "forward_failures");
  logFault("forward_failed", failure.reason, { target: target.name, tenant });
}
