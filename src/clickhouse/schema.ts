import type { ClickHouseTarget } from "./clickhouse_target.ts";

/** Days that spans stay, where nothing is said. */
export const DEFAULT_TTL_DAYS = 30;
/** The most days that can be asked for: ten years. */
export const MAX_TTL_DAYS = 3650;
/** Inserts whose tokens a table remembers, so that none counts twice. */
export const DEDUPLICATION_WINDOW = 1000;

/** Where the tables are made. */
export interface SchemaOptions {
  /** Days that spans stay; null for ever. */
  readonly ttlDays: number | null;
}

/**
 * The statements that make the database, the table of the OpenTelemetry
 * Collector's exporter, the table with the times of each trace, and the view
 * that fills it. What is there already stays as it is.
 *
 * @example
 * ```ts
 * import { schemaStatements } from "../src/clickhouse/schema.ts";
 *
 * const names = { database: "otel", table: "otel_traces" };
 * const [first] = schemaStatements(names, { ttlDays: 30 });
 * expect(first).toBe("CREATE DATABASE IF NOT EXISTS `otel`");
 * ```
 */
export function schemaStatements(
  { database, table }: Pick<ClickHouseTarget, "database" | "table">,
  { ttlDays }: SchemaOptions,
): readonly string[] {
  const traces = `\`${database}\`.\`${table}\``;
  const times = `\`${database}\`.\`${table}_trace_id_ts\``;
  const view = `\`${database}\`.\`${table}_trace_id_ts_mv\``;
  return [
    `CREATE DATABASE IF NOT EXISTS \`${database}\``,
    `CREATE TABLE IF NOT EXISTS ${traces} (
  Timestamp DateTime64(9) CODEC(Delta(8), ZSTD(1)),
  TraceId String CODEC(ZSTD(1)),
  SpanId String CODEC(ZSTD(1)),
  ParentSpanId String CODEC(ZSTD(1)),
  TraceState String CODEC(ZSTD(1)),
  SpanName LowCardinality(String) CODEC(ZSTD(1)),
  SpanKind LowCardinality(String) CODEC(ZSTD(1)),
  ServiceName LowCardinality(String) CODEC(ZSTD(1)),
  ResourceAttributes ${MAP} CODEC(ZSTD(1)),
  ScopeName String CODEC(ZSTD(1)),
  ScopeVersion String CODEC(ZSTD(1)),
  SpanAttributes ${MAP} CODEC(ZSTD(1)),
  Duration UInt64 CODEC(ZSTD(1)),
  StatusCode LowCardinality(String) CODEC(ZSTD(1)),
  StatusMessage String CODEC(ZSTD(1)),
  Events Nested (
    Timestamp DateTime64(9),
    Name LowCardinality(String),
    Attributes ${MAP}
  ) CODEC(ZSTD(1)),
  Links Nested (
    TraceId String,
    SpanId String,
    TraceState String,
    Attributes ${MAP}
  ) CODEC(ZSTD(1)),
  ${bloomFilter("idx_trace_id", "TraceId", 0.001)},
  ${bloomFilter("idx_res_attr_key", "mapKeys(ResourceAttributes)", 0.01)},
  ${bloomFilter("idx_res_attr_value", "mapValues(ResourceAttributes)", 0.01)},
  ${bloomFilter("idx_span_attr_key", "mapKeys(SpanAttributes)", 0.01)},
  ${bloomFilter("idx_span_attr_value", "mapValues(SpanAttributes)", 0.01)},
  INDEX idx_duration Duration TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(Timestamp)
ORDER BY (ServiceName, SpanName, toDateTime(Timestamp))
${ttl("toDateTime(Timestamp)", ttlDays)}SETTINGS ${SETTINGS}`,
    `CREATE TABLE IF NOT EXISTS ${times} (
  TraceId String CODEC(ZSTD(1)),
  Start DateTime CODEC(Delta(4), ZSTD(1)),
  End DateTime CODEC(Delta(4), ZSTD(1)),
  ${bloomFilter("idx_trace_id", "TraceId", 0.01)}
) ENGINE = MergeTree
PARTITION BY toDate(Start)
ORDER BY (TraceId, Start)
${ttl("Start", ttlDays)}SETTINGS ${SETTINGS}`,
    `CREATE MATERIALIZED VIEW IF NOT EXISTS ${view} TO ${times} AS
SELECT TraceId, min(Timestamp) AS Start, max(Timestamp) AS End
FROM ${traces}
WHERE TraceId != ''
GROUP BY TraceId`,
  ];
}

const MAP = "Map(LowCardinality(String), String)";
const SETTINGS = "ttl_only_drop_parts = 1, " +
  `non_replicated_deduplication_window = ${DEDUPLICATION_WINDOW}`;

function bloomFilter(name: string, of: string, rate: number): string {
  return `INDEX ${name} ${of} TYPE bloom_filter(${rate}) GRANULARITY 1`;
}

function ttl(time: string, days: number | null): string {
  return days === null ? "" : `TTL ${time} + toIntervalDay(${days})\n`;
}
