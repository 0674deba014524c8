import type { Settings } from "../settings.ts";
import { logEvent } from "./log.ts";
import { LogBudget } from "./log_budget.ts";
import type { ServedRequest } from "./served_request.ts";

/** Lines on requests a minute and isolate: of answers below 500, and above. */
export const MAX_LOGGED_PER_MINUTE = 600;

/**
 * Writes one line of JSON for a request, where `LOG_REQUESTS` asks for it. It
 * has no payload, no header, no query and no key in it, but a key's id.
 */
export class RequestLog {
  // Two, so that a flood of refusals does not hide faults.
  readonly #faults = new LogBudget(MAX_LOGGED_PER_MINUTE);
  readonly #others = new LogBudget(MAX_LOGGED_PER_MINUTE);

  /** Writes the line of a request that has been answered. */
  write(served: ServedRequest, mode: Settings["logRequests"]): void {
    if (mode === "none" || (mode === "failed" && served.status < 400)) return;
    const isFault = served.status >= 500;
    const budget = isFault ? this.#faults : this.#others;
    const { allowed, leftOut } = budget.take(served.endMs);
    if (leftOut > 0) logEvent("requests_not_logged", { requests: leftOut });
    if (!allowed) return;
    const level = isFault ? "error" : "info";
    logEvent("request", fieldsOf(served), { level });
  }
}

function fieldsOf(served: ServedRequest) {
  const { record, caller } = served;
  return {
    request_id: record.id,
    method: served.method,
    route: served.route ?? served.path,
    status: served.status,
    duration_ms: served.endMs - record.startMs,
    bytes_in: served.bytesIn,
    tenant: caller?.tenant,
    key_id: caller?.keyId,
    spans_accepted: record.notes.spansAccepted,
    spans_rejected: record.notes.spansRejected,
    reason: served.refusal ?? undefined,
  };
}
