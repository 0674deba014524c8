import { bytesField, concat, fixed64Field, varintField } from "../otlp/wire.ts";

const START_NS = 1_800_000_000_000_000_000n;
const MS_NS = 1_000_000n;

/** An ExportTraceServiceRequest of one service with `spans` good spans. */
export function exportJson(spans: number, broken = 0): string {
  const rows = Array.from({ length: spans + broken }, (_, index) => ({
    traceId: index < spans ? hex(index + 1, 32) : hex(0, 32),
    spanId: hex(index + 1, 16),
    name: "GET /cart",
    kind: 2,
    startTimeUnixNano: String(START_NS),
    endTimeUnixNano: String(START_NS + MS_NS),
  }));
  const resource = {
    attributes: [{ key: "service.name", value: { stringValue: "cart" } }],
  };
  return JSON.stringify({
    resourceSpans: [{ resource, scopeSpans: [{ spans: rows }] }],
  });
}

/** The same in protobuf. */
export function exportProtobuf(
  spans: number,
  broken = 0,
): Uint8Array<ArrayBuffer> {
  const rows = Array.from(
    { length: spans + broken },
    (_, index) =>
      bytesField(2, [
        bytesField(1, id(index < spans ? index + 1 : 0, 16)),
        bytesField(2, id(index + 1, 8)),
        bytesField(5, "GET /cart"),
        varintField(6, 2),
        fixed64Field(7, START_NS),
        fixed64Field(8, START_NS + MS_NS),
      ]),
  );
  const attribute = bytesField(1, [
    bytesField(1, "service.name"),
    bytesField(2, [bytesField(1, "cart")]),
  ]);
  const resource = bytesField(1, [attribute]);
  return new Uint8Array(
    concat([bytesField(1, [resource, bytesField(2, rows)])]),
  );
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

function id(value: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  new DataView(bytes.buffer).setUint32(length - 4, value);
  return bytes;
}
