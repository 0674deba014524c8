import { expect, test } from "vitest";
import {
  MAX_TRACE_ROWS,
  traceQuery,
} from "../../src/clickhouse/trace_query.ts";

test("traceQuery() asks for MAX_TRACE_ROWS rows of a trace, and no more", () => {
  const target = { table: "otel_traces" };
  const { sql } = traceQuery(target, "0af7651916cd43dd8448eb211c80319c");
  expect(sql).toContain(`\nLIMIT ${MAX_TRACE_ROWS}\n`);
});
