import {
  DEFAULT_CLICKHOUSE_DATABASE,
  DEFAULT_CLICKHOUSE_TABLE,
} from "../clickhouse/clickhouse_target.ts";
import { postToClickHouse } from "../clickhouse/post_to_clickhouse.ts";
import {
  DEFAULT_TTL_DAYS,
  MAX_TTL_DAYS,
  schemaStatements,
} from "../clickhouse/schema.ts";
import type { Failure } from "../outbox/classify_answer.ts";
import { isClickHouse } from "../outbox/target.ts";
import { readSettings } from "../settings.ts";

/** How long a statement may take, ms. */
const STATEMENT_TIMEOUT_MS = 60_000;
/** ClickHouse's codes for a wrong user or password, and none. */
const NOT_LET_IN = ["exception_516", "exception_193", "exception_194", "401"];

/** The tables cannot be made; the message says what to do. */
export class ClickHouseSchemaError extends Error {
  override readonly name = "ClickHouseSchemaError";
}

/**
 * Makes database, tables and view on the server of CLICKHOUSE_URL; without
 * one, only writes their SQL. May be done again: what is there stays.
 *
 * @param environment CLICKHOUSE_URL and those beside it, and
 *   CLICKHOUSE_TTL_DAYS, 0 for ever.
 * @returns What is to be printed.
 * @throws {SettingsError} Where a variable cannot be read.
 * @throws {ClickHouseSchemaError} Where the server does not do it.
 */
export async function makeClickHouseSchema(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const ttlDays = readTtlDays(environment["CLICKHOUSE_TTL_DAYS"]?.trim());
  const hasUrl = (environment["CLICKHOUSE_URL"] ?? "").trim() !== "";
  // Names are checked by the settings, which want a server with them.
  const placeholder = hasUrl ? {} : { CLICKHOUSE_URL: "http://localhost:8123" };
  const target = readSettings({ ...environment, ...placeholder }).targets
    .find(isClickHouse);
  const {
    database = DEFAULT_CLICKHOUSE_DATABASE,
    table = DEFAULT_CLICKHOUSE_TABLE,
  } = target ?? {};
  const statements = schemaStatements({ database, table }, { ttlDays });
  if (!hasUrl || target === undefined) {
    return statements.map((statement) => `${statement};\n\n`).join("");
  }
  for (const statement of statements) {
    const answer = await postToClickHouse(target, {
      parameters: {},
      body: statement,
      timeoutMs: STATEMENT_TIMEOUT_MS,
      anyDatabase: true,
    });
    if (answer.kind !== "delivered") throw schemaError(answer);
  }
  return `The tables ${database}.${table} and ${database}.${table}_trace_id_ts ` +
    "are there\n";
}

function readTtlDays(text: string | undefined): number | null {
  if (text === undefined || text === "") return DEFAULT_TTL_DAYS;
  const days = Number(text);
  if (!/^\d{1,4}$/.test(text) || days > MAX_TTL_DAYS) {
    throw new ClickHouseSchemaError(
      `CLICKHOUSE_TTL_DAYS: "${text}" must be a whole number from 0 (for ` +
        `ever) to ${MAX_TTL_DAYS}`,
    );
  }
  return days === 0 ? null : days;
}

function schemaError({ label, reason }: Failure): ClickHouseSchemaError {
  const advice = NOT_LET_IN.includes(label)
    ? "Check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD"
    : label === "network" || label === "timeout"
    ? "Check that CLICKHOUSE_URL is the server's HTTP interface (port 8123, " +
      "or 8443 with TLS) and can be reached from here"
    : label === "exception_497"
    ? "The user needs the rights to create databases, tables and views"
    : "Nothing that was there has been changed";
  return new ClickHouseSchemaError(
    `Cannot make the tables: ${reason}. ${advice}`,
  );
}
