import type { ClickHouseTarget } from "./clickhouse_target.ts";
import { QueryParameters } from "./query_parameter.ts";

/** The most rows of a trace that are read; more are left. */
export const MAX_TRACE_ROWS = 20_000;

/** A query, and the values of its parameters. */
export interface ClickHouseQuery {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const COLUMNS = `
  toString(toUnixTimestamp64Nano(Timestamp)) AS start_ns,
  toString(Duration) AS duration_ns,
  TraceId AS trace_id,
  SpanId AS span_id,
  ParentSpanId AS parent_span_id,
  TraceState AS trace_state,
  SpanName AS name,
  SpanKind AS kind,
  ServiceName AS service,
  ResourceAttributes AS resource,
  ScopeName AS scope_name,
  ScopeVersion AS scope_version,
  SpanAttributes AS attributes,
  StatusCode AS status,
  StatusMessage AS status_message,
  arrayMap(x -> toString(toUnixTimestamp64Nano(x)), Events.Timestamp)
    AS event_ns,
  Events.Name AS event_names,
  Events.Attributes AS event_attributes,
  Links.TraceId AS link_trace_ids,
  Links.SpanId AS link_span_ids,
  Links.TraceState AS link_trace_states,
  Links.Attributes AS link_attributes`;

/**
 * Asks for all rows of a trace, in order of time. When it was stands in the
 * table beside, so that only its days are read; there it may be in whole
 * seconds.
 *
 * @param traceId 32 hex digits.
 */
export function traceQuery(
  { table }: Pick<ClickHouseTarget, "table">,
  traceId: string,
): ClickHouseQuery {
  const values = new QueryParameters();
  const id = values.text(traceId);
  // Compared with a DateTime, a DateTime64 loses its last second: ClickHouse
  // leaves out the parts that reach into it.
  const known = `FROM ${table}_trace_id_ts WHERE TraceId = ${id}`;
  return {
    sql: `WITH
  (SELECT toDateTime64(min(Start), 9) ${known}) AS first_start,
  (SELECT toDateTime64(max(End), 9) ${known}) AS last_start
SELECT ${COLUMNS}
FROM ${table}
WHERE TraceId = ${id}
  AND Timestamp >= first_start
  AND Timestamp < last_start + toIntervalSecond(1)
ORDER BY Timestamp, SpanId
LIMIT ${MAX_TRACE_ROWS}
FORMAT JSONEachRow`,
    parameters: values.parameters,
  };
}
