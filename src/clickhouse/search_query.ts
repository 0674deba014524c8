import { UNKNOWN_SERVICE } from "../ingest/classify.ts";
import type {
  AskedService,
  SpanCondition,
  TraceFilter,
} from "../search/trace_filter.ts";
import type { ClickHouseTarget } from "./clickhouse_target.ts";
import { QueryParameters } from "./query_parameter.ts";
import { KIND_NAMES, STATUS_NAMES } from "./row.ts";
import { storedTimeNs } from "./timestamp.ts";
import type { ClickHouseQuery } from "./trace_query.ts";

/** How much longer than it is asked about a trace may go on, ns: one hour. */
export const TRACE_SLACK_NS = 3_600_000_000_000n;

/** How a search is done. */
export interface SearchOptions {
  readonly target: Pick<ClickHouseTarget, "table">;
  /** The most traces that are told, the latest ones. */
  readonly limit: number;
}

/**
 * Asks for the traces that a filter may mean: all that it does mean and that
 * are not longer than `TRACE_SLACK_NS`, and some others, since the table holds
 * every attribute as text and SQL does not decide everything. `matchesTrace`
 * over the spans of each has the last word.
 */
export function searchQuery(
  filter: TraceFilter,
  { target: { table }, limit }: SearchOptions,
): ClickHouseQuery {
  const values = new QueryParameters();
  const from = time(values, filter.fromNs - TRACE_SLACK_NS);
  const to = time(values, filter.toNs + TRACE_SLACK_NS);
  const within = `Timestamp >= ${from} AND Timestamp < ${to}`;
  const conditions = filter.span.flatMap((condition) =>
    conditionSql(condition, values) ?? []
  );
  const asked = conditions.length === 0 ? "" : ` AND TraceId IN (
    SELECT TraceId FROM ${table}
    WHERE ${within} AND ${conditions.join(" AND ")}
  )`;
  return {
    sql: `SELECT
  TraceId AS trace_id,
  toString(min(toUnixTimestamp64Nano(Timestamp)) AS start) AS start_ns,
  toString(
    max(toInt128(toUnixTimestamp64Nano(Timestamp)) + Duration) - start AS long
  ) AS duration_ns
FROM ${table}
WHERE ${within} AND TraceId != ''${asked}
GROUP BY TraceId
HAVING ${wholeTrace(filter, values).join(" AND ")}
ORDER BY start DESC, TraceId
LIMIT ${values.integer(BigInt(Math.trunc(limit)))}
FORMAT JSONEachRow`,
    parameters: values.parameters,
  };
}

function wholeTrace(
  filter: TraceFilter,
  values: QueryParameters,
): readonly string[] {
  const { failed, minDurationNs, maxDurationNs } = filter;
  const error = `countIf(StatusCode = '${STATUS_NAMES[2]}')`;
  return [
    `start >= ${values.integer(storedTimeNs(filter.fromNs))}`,
    `start < ${values.integer(storedTimeNs(filter.toNs))}`,
    ...(failed === null ? [] : [failed ? `${error} > 0` : `${error} = 0`]),
    ...(minDurationNs === null
      ? []
      : [`long >= ${values.float(minDurationNs)}`]),
    ...(maxDurationNs === null
      ? []
      : [`long <= ${values.float(maxDurationNs)}`]),
  ];
}

function time(values: QueryParameters, ns: bigint): string {
  const held = storedTimeNs(ns < 0n ? 0n : ns);
  return `fromUnixTimestamp64Nano(${values.integer(held)})`;
}

/** What a span's row has to be like; null where SQL does not decide it. */
function conditionSql(
  condition: SpanCondition,
  values: QueryParameters,
): string | null {
  switch (condition.on) {
    case "service":
      return serviceSql(condition.service, values);
    case "name":
      return `SpanName = ${values.text(condition.name)}`;
    case "operation":
      // Such a name has lost what is another in each request.
      return condition.operation.includes("/")
        ? null
        : `SpanName = ${values.text(condition.operation)}`;
    case "kind":
      return `SpanKind = ${values.text(KIND_NAMES[condition.kind])}`;
    case "status":
      return `StatusCode = ${values.text(STATUS_NAMES[condition.status])}`;
    case "duration":
      return `Duration ${condition.comparison} ${values.float(condition.ns)}`;
    case "attribute":
      return attributeSql(condition, values);
    case "resource":
      return resourceSql(condition.id, values);
    case "number":
    case "not":
    case "anyOf":
      return null;
  }
}

/** However an id is qualified, its last part ends what the resource has. */
function resourceSql(id: string, values: QueryParameters): string {
  const last = id.slice(Math.max(id.lastIndexOf(":"), id.lastIndexOf("/")) + 1);
  return `arrayExists(id -> endsWith(id, ${values.text(last)}), ` +
    "mapValues(ResourceAttributes))";
}

/** A resource that names none is one of an unknown service. */
function serviceSql(service: AskedService, values: QueryParameters): string {
  const name = values.text(service.name);
  const wanted = [
    service.name === UNKNOWN_SERVICE
      ? `ServiceName IN (${name}, '')`
      : `ServiceName = ${name}`,
  ];
  if (service.namespace !== null) {
    const namespace = values.text(service.namespace);
    wanted.push(`ResourceAttributes['service.namespace'] = ${namespace}`);
  }
  if (service.environment !== null) {
    const environment = values.text(service.environment);
    wanted.push(
      `${environment} IN (ResourceAttributes['deployment.environment.name'], ` +
        "ResourceAttributes['deployment.environment'])",
    );
  }
  return `(${wanted.join(" AND ")})`;
}

function attributeSql(
  { key: asked, scope, value }: Extract<SpanCondition, { on: "attribute" }>,
  values: QueryParameters,
): string {
  const key = values.text(asked);
  const columns = scope === "any"
    ? ["SpanAttributes", "ResourceAttributes"]
    : [scope === "span" ? "SpanAttributes" : "ResourceAttributes"];
  const equal = columns.map((column) => {
    const found = `${column}[${key}]`;
    const same = typeof value === "number"
      ? `toFloat64OrNull(${found}) = ${values.float(value)}`
      : `${found} = ${values.text(String(value))}`;
    // A list, one of whose values it may be, is JSON.
    return `mapContains(${column}, ${key}) AND ` +
      `(${same} OR startsWith(${found}, '['))`;
  });
  return `(${equal.join(" OR ")})`;
}
