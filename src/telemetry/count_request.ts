import type { ServedRequest } from "../http/served_request.ts";
import { count } from "./counters.ts";

const OTLP_PREFIX = "/v1/";

/** Counts a request that has been answered, for its tenant where it is known. */
export function countRequest(served: ServedRequest): void {
  const tenant = served.caller?.tenant ?? "";
  count(tenant, "requests", { reason: String(served.status) });
  if (!served.path.startsWith(OTLP_PREFIX)) return;
  count(tenant, "received_bytes", { amount: served.bytesIn });
  if (served.refusal !== null) {
    count(tenant, "refused_requests", { reason: served.refusal });
  }
  const { spansAccepted = 0 } = served.record.notes;
  count(tenant, "accepted_spans", { amount: spansAccepted });
}
