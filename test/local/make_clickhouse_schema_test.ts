import { afterEach, beforeEach, expect, test } from "vitest";
import { MAX_TTL_DAYS } from "../../src/clickhouse/schema.ts";
import { makeClickHouseSchema } from "../../src/local/make_clickhouse_schema.ts";
import { HttpSink } from "../harness/http_sink.ts";

let sink: HttpSink;

beforeEach(async () => {
  sink = await HttpSink.start();
});
afterEach(() => sink.stop());

test("makeClickHouseSchema() without CLICKHOUSE_URL writes the SQL, with the names that are set", async () => {
  const sql = await makeClickHouseSchema({
    CLICKHOUSE_DATABASE: "otel",
    CLICKHOUSE_TABLE: "spans",
    CLICKHOUSE_TTL_DAYS: "7",
  });
  expect(sql.match(/^CREATE .* IF NOT EXISTS \S+/gm)).toEqual([
    "CREATE DATABASE IF NOT EXISTS `otel`;",
    "CREATE TABLE IF NOT EXISTS `otel`.`spans`",
    "CREATE TABLE IF NOT EXISTS `otel`.`spans_trace_id_ts`",
    "CREATE MATERIALIZED VIEW IF NOT EXISTS `otel`.`spans_trace_id_ts_mv`",
  ]);
  expect(sql.match(/toIntervalDay\(7\)/g)).toHaveLength(2);
  expect(sql).toContain("ttl_only_drop_parts = 1");
});

test("makeClickHouseSchema() posts each statement, to a database that need not be there", async () => {
  const CLICKHOUSE_URL = sink.url;
  expect(await makeClickHouseSchema({ CLICKHOUSE_URL })).toContain("are there");
  const statements = sink.requests.map(({ body }) =>
    new TextDecoder().decode(body)
  );
  const printed = await makeClickHouseSchema({});
  expect(statements.map((one) => `${one};\n\n`).join("")).toBe(printed);
  expect(sink.requests[0]?.headers).not.toHaveProperty("x-clickhouse-database");
});

test("makeClickHouseSchema() takes CLICKHOUSE_TTL_DAYS from 0, for ever, to MAX_TTL_DAYS", async () => {
  const days = (text: string) =>
    makeClickHouseSchema({ CLICKHOUSE_TTL_DAYS: text });
  expect(await days("0")).not.toContain("TTL ");
  expect(await days(String(MAX_TTL_DAYS))).toContain(`(${MAX_TTL_DAYS})`);
  for (const wrong of [String(MAX_TTL_DAYS + 1), "-1", "1.5", "a"]) {
    await expect(days(wrong)).rejects.toThrow(
      `CLICKHOUSE_TTL_DAYS: "${wrong}"`,
    );
  }
});

test.each([
  [403, "516", "Check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD"],
  [401, null, "Check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD"],
  [403, "497", "needs the rights"],
  [500, "999", "Nothing that was there has been changed"],
])(
  "makeClickHouseSchema() says what to do after %i, %s",
  async (status, code, advice) => {
    sink.answer = {
      status,
      headers: code === null ? {} : { "x-clickhouse-exception-code": code },
      body: "no to s3cret-pass",
    };
    const variables = {
      CLICKHOUSE_URL: sink.url,
      CLICKHOUSE_PASSWORD: "s3cret-pass",
    };
    const act = makeClickHouseSchema(variables);
    await expect(act).rejects.toThrow(advice);
    await expect(act).rejects.not.toThrow("s3cret-pass");
    expect(sink.requests).toHaveLength(1);
  },
);

test("makeClickHouseSchema() says that a server cannot be reached", async () => {
  const CLICKHOUSE_URL = sink.url;
  sink.answer = "reset";
  await expect(makeClickHouseSchema({ CLICKHOUSE_URL }))
    .rejects.toThrow("can be reached from here");
});
