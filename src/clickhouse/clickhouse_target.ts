/** The name of the target that CLICKHOUSE_URL makes. */
export const CLICKHOUSE = "clickhouse";
/** The user, where CLICKHOUSE_USER says nothing. */
export const DEFAULT_CLICKHOUSE_USER = "default";
/** The database, where CLICKHOUSE_DATABASE says nothing. */
export const DEFAULT_CLICKHOUSE_DATABASE = "default";
/** The table, where CLICKHOUSE_TABLE says nothing: the Collector's. */
export const DEFAULT_CLICKHOUSE_TABLE = "otel_traces";
/** What a database and a table are called: such a name needs no quotes. */
export const CLICKHOUSE_NAME = /^[a-z_][a-z0-9_]{0,63}$/i;

/** A ClickHouse server that takes spans as rows, over HTTP. */
export interface ClickHouseTarget {
  readonly name: typeof CLICKHOUSE;
  /** Of its HTTP interface, port 8123 or 8443. */
  readonly url: string;
  readonly user: string;
  /** "" for none. */
  readonly password: string;
  readonly database: string;
  readonly table: string;
}

/** The variables that make such a target, read one by one. */
export interface ClickHouseVariables {
  readonly CLICKHOUSE_URL?: string | undefined;
  readonly CLICKHOUSE_USER?: string | undefined;
  readonly CLICKHOUSE_PASSWORD?: string | undefined;
  readonly CLICKHOUSE_DATABASE?: string | undefined;
  readonly CLICKHOUSE_TABLE?: string | undefined;
}

/** Reads CLICKHOUSE_DATABASE or CLICKHOUSE_TABLE; null for no such name. */
export function clickhouseName(text: string): string | null {
  return CLICKHOUSE_NAME.test(text) ? text : null;
}

/**
 * The target that the variables make; null without CLICKHOUSE_URL.
 *
 * @example
 * ```ts
 * import { clickhouseTarget } from "../src/clickhouse/clickhouse_target.ts";
 *
 * expect(clickhouseTarget({ CLICKHOUSE_URL: "http://clickhouse:8123/" })).toEqual({
 *   name: "clickhouse",
 *   url: "http://clickhouse:8123/",
 *   user: "default",
 *   password: "",
 *   database: "default",
 *   table: "otel_traces",
 * });
 * ```
 */
export function clickhouseTarget(
  variables: ClickHouseVariables,
): ClickHouseTarget | null {
  if (variables.CLICKHOUSE_URL === undefined) return null;
  return {
    name: CLICKHOUSE,
    url: variables.CLICKHOUSE_URL,
    user: variables.CLICKHOUSE_USER ?? DEFAULT_CLICKHOUSE_USER,
    password: variables.CLICKHOUSE_PASSWORD ?? "",
    database: variables.CLICKHOUSE_DATABASE ?? DEFAULT_CLICKHOUSE_DATABASE,
    table: variables.CLICKHOUSE_TABLE ?? DEFAULT_CLICKHOUSE_TABLE,
  };
}
