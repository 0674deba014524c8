import { SpanKind, StatusCode } from "../map/span_kind.ts";
import type { Span } from "../spans/span.ts";
import { attributeColumn, columnText } from "./attribute_column.ts";
import { timestampText } from "./timestamp.ts";

/** Attributes as a column takes them. */
export type AttributeColumn = Readonly<Record<string, string>>;

/**
 * A span as a row of `otel_traces`, in the form of `JSONEachRow`.
 *
 * Source: the table of the OpenTelemetry Collector's ClickHouse exporter.
 */
export interface ClickHouseRow {
  /** `YYYY-MM-DD hh:mm:ss.nnnnnnnnn`, UTC. */
  readonly Timestamp: string;
  readonly TraceId: string;
  readonly SpanId: string;
  /** "" for a root. */
  readonly ParentSpanId: string;
  readonly TraceState: string;
  readonly SpanName: string;
  readonly SpanKind: string;
  readonly ServiceName: string;
  readonly ResourceAttributes: AttributeColumn;
  readonly ScopeName: string;
  readonly ScopeVersion: string;
  readonly SpanAttributes: AttributeColumn;
  /** ns; decimal text where a number would not be exact. */
  readonly Duration: number | string;
  readonly StatusCode: string;
  readonly StatusMessage: string;
  readonly "Events.Timestamp": readonly string[];
  readonly "Events.Name": readonly string[];
  readonly "Events.Attributes": readonly AttributeColumn[];
  readonly "Links.TraceId": readonly string[];
  readonly "Links.SpanId": readonly string[];
  readonly "Links.TraceState": readonly string[];
  readonly "Links.Attributes": readonly AttributeColumn[];
}

/** What the table calls each kind. */
export const KIND_NAMES: Readonly<Record<SpanKind, string>> = {
  [SpanKind.UNSPECIFIED]: "Unspecified",
  [SpanKind.INTERNAL]: "Internal",
  [SpanKind.SERVER]: "Server",
  [SpanKind.CLIENT]: "Client",
  [SpanKind.PRODUCER]: "Producer",
  [SpanKind.CONSUMER]: "Consumer",
};

/** What the table calls each status. */
export const STATUS_NAMES: Readonly<Record<StatusCode, string>> = {
  [StatusCode.UNSET]: "Unset",
  [StatusCode.OK]: "Ok",
  [StatusCode.ERROR]: "Error",
};

const ZEROS = /^0*$/;

/**
 * The row of a span. Every span has one that the table takes: a time beyond
 * what its column holds is the last one that it does, and an end before the
 * start is a duration of 0.
 *
 * @example
 * ```ts
 * import { clickhouseRow } from "../src/clickhouse/row.ts";
 * import { SpanKind } from "../src/map/span_kind.ts";
 *
 * const none = { attributes: new Map(), droppedAttributes: 0, schemaUrl: "" };
 * const row = clickhouseRow({
 *   traceId: "0af7651916cd43dd8448eb211c80319c",
 *   spanId: "b7ad6b7169203331",
 *   parentSpanId: "",
 *   traceState: "",
 *   flags: 0,
 *   name: "GET /cart",
 *   kind: SpanKind.SERVER,
 *   startNs: 1_767_323_045_123_456_789n,
 *   endNs: 1_767_323_045_123_457_000n,
 *   attributes: new Map([["http.response.status_code", 200n]]),
 *   droppedAttributes: 0,
 *   events: [],
 *   droppedEvents: 0,
 *   links: [],
 *   droppedLinks: 0,
 *   status: { code: 0, message: "" },
 *   resource: { ...none, attributes: new Map([["service.name", "cart"]]) },
 *   scope: { ...none, name: "", version: "" },
 * });
 * expect(row).toMatchObject({
 *   Timestamp: "2026-01-02 03:04:05.123456789",
 *   Duration: 211,
 *   ServiceName: "cart",
 *   SpanKind: "Server",
 *   SpanAttributes: { "http.response.status_code": "200" },
 * });
 * ```
 */
export function clickhouseRow(span: Span): ClickHouseRow {
  const { events, links, resource, scope, status } = span;
  return {
    Timestamp: timestampText(span.startNs),
    TraceId: hex(span.traceId),
    SpanId: hex(span.spanId),
    ParentSpanId: hex(span.parentSpanId),
    TraceState: span.traceState.toWellFormed(),
    SpanName: span.name.toWellFormed(),
    SpanKind: KIND_NAMES[span.kind],
    ServiceName: columnText(resource.attributes.get("service.name") ?? null),
    ResourceAttributes: attributeColumn(resource.attributes),
    ScopeName: scope.name.toWellFormed(),
    ScopeVersion: scope.version.toWellFormed(),
    SpanAttributes: attributeColumn(span.attributes),
    Duration: duration(span),
    StatusCode: STATUS_NAMES[status.code],
    StatusMessage: status.message.toWellFormed(),
    "Events.Timestamp": events.map(({ timeNs }) => timestampText(timeNs)),
    "Events.Name": events.map(({ name }) => name.toWellFormed()),
    "Events.Attributes": events.map((one) => attributeColumn(one.attributes)),
    "Links.TraceId": links.map(({ traceId }) => hex(traceId)),
    "Links.SpanId": links.map(({ spanId }) => hex(spanId)),
    "Links.TraceState": links.map((one) => one.traceState.toWellFormed()),
    "Links.Attributes": links.map((one) => attributeColumn(one.attributes)),
  };
}

/** An id of zeros is none. */
function hex(id: string): string {
  return ZEROS.test(id) ? "" : id;
}

function duration({ startNs, endNs }: Span): number | string {
  const ns = endNs > startNs ? endNs - startNs : 0n;
  return ns <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(ns) : String(ns);
}
