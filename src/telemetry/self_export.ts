import { StatusCode } from "../map/span_kind.ts";
import type { SelfSpan } from "./self_span.ts";

/** `service.name` of TraceCore's own spans. */
export const SELF_SERVICE = "tracecore";

/**
 * Own spans as the body of an OTLP request in JSON, as any SDK would post it.
 *
 * @example
 * ```ts
 * import { selfExport } from "../src/telemetry/self_export.ts";
 *
 * const body = new TextDecoder().decode(selfExport([], "1.0.0"));
 * expect(body).toContain('"stringValue":"tracecore"');
 * ```
 */
export function selfExport(
  spans: readonly SelfSpan[],
  version: string,
): Uint8Array<ArrayBuffer> {
  const resource = keyValues({
    "service.name": SELF_SERVICE,
    "service.version": version,
  });
  const scope = { name: SELF_SERVICE, version };
  const request = {
    resourceSpans: [{
      resource: { attributes: resource },
      scopeSpans: [{ scope, spans: spans.map(exported) }],
    }],
  };
  return new Uint8Array(new TextEncoder().encode(JSON.stringify(request)));
}

function exported(span: SelfSpan) {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentId === "" ? {} : { parentSpanId: span.parentId }),
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: nanoseconds(span.startMs),
    endTimeUnixNano: nanoseconds(span.endMs),
    attributes: keyValues(span.attributes),
    status: span.failed ? { code: StatusCode.ERROR } : {},
  };
}

function nanoseconds(ms: number): string {
  return String(BigInt(ms) * 1_000_000n);
}

function keyValues(attributes: Readonly<Record<string, string | number>>) {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === "string"
      ? { stringValue: value }
      : { intValue: String(value) },
  }));
}
