import { randomHex } from "../codec/random_hex.ts";
import { type ExportRequest, exportRequest } from "../local/otlp_json.ts";
import { SpanKind, StatusCode } from "../map/span_kind.ts";

/** The service that the doctor's span is of: the only one that it adds. */
export const DOCTOR_SERVICE = "tracecore-doctor";

const LENGTH_NS = 1_000_000n;

/** A span to be sent and found again. */
export interface DoctorSpan {
  readonly traceId: string;
  readonly request: ExportRequest;
}

/**
 * A span that is no request, so that it changes no service's figures.
 *
 * @param nowMs When it ends, ms since the epoch.
 */
export function doctorSpan(nowMs: number): DoctorSpan {
  const traceId = randomHex(16);
  const endNs = BigInt(nowMs) * 1_000_000n;
  const request = exportRequest(
    { resource: { "service.name": DOCTOR_SERVICE } },
    [{
      traceId,
      spanId: randomHex(8),
      parentSpanId: "",
      traceState: "",
      name: "check",
      kind: SpanKind.INTERNAL,
      status: StatusCode.UNSET,
      startNs: endNs - LENGTH_NS,
      endNs,
      attributes: {},
      links: [],
    }],
    { scope: "tracecore" },
  );
  return { traceId, request };
}
