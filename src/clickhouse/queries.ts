import { unansweredFailure } from "../outbox/answer_text.ts";
import type { Failure } from "../outbox/classify_answer.ts";
import type { TraceFilter } from "../search/trace_filter.ts";
import type { Span } from "../spans/span.ts";
import type { ClickHouseTarget } from "./clickhouse_target.ts";
import { postToClickHouse } from "./post_to_clickhouse.ts";
import { type FoundTrace, readFoundTraces, readSpanRows } from "./read_rows.ts";
import { type SearchOptions, searchQuery } from "./search_query.ts";
import { type ClickHouseQuery, traceQuery } from "./trace_query.ts";

/** How long a query may take, ms. */
export const QUERY_TIMEOUT_MS = 20_000;

/** What a query yields, or why it yields nothing. */
export type QueryResult<T> =
  | { readonly ok: true; readonly found: T }
  | { readonly ok: false; readonly failure: Failure };

/** Asks for the spans of a trace; none where there is no such trace. */
export function loadTrace(
  target: ClickHouseTarget,
  traceId: string,
): Promise<QueryResult<readonly Span[]>> {
  return ask(target, traceQuery(target, traceId), readSpanRows);
}

/** Asks for the traces that a filter may mean, as `searchQuery` says. */
export function searchTraces(
  filter: TraceFilter,
  { target, limit }: SearchOptions & { readonly target: ClickHouseTarget },
): Promise<QueryResult<readonly FoundTrace[]>> {
  return ask(target, searchQuery(filter, { target, limit }), readFoundTraces);
}

async function ask<T>(
  target: ClickHouseTarget,
  { sql, parameters }: ClickHouseQuery,
  read: (text: string) => T,
): Promise<QueryResult<T>> {
  const answer = await postToClickHouse(target, {
    parameters: { ...parameters, wait_end_of_query: "1" },
    body: sql,
    timeoutMs: QUERY_TIMEOUT_MS,
  });
  if (answer.kind !== "delivered") return { ok: false, failure: answer };
  try {
    return { ok: true, found: read(answer.text) };
  } catch {
    const failure = unansweredFailure(
      "ClickHouse answered with rows of another form: is CLICKHOUSE_TABLE a " +
        "table as `npm run clickhouse:schema` makes it?",
      { kind: "misconfigured", label: "rows" },
    );
    return { ok: false, failure };
  }
}
