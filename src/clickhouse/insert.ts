import type { Outcome } from "../outbox/classify_answer.ts";
import type { ClickHouseTarget } from "./clickhouse_target.ts";
import {
  type ClickHouseAnswer,
  type ClickHouseRequest,
  postToClickHouse,
} from "./post_to_clickhouse.ts";

/** What every insert is done with. */
export const INSERT_SETTINGS: Readonly<Record<string, string>> = {
  async_insert: "1",
  wait_for_async_insert: "1",
  // Without it a token says nothing of an asynchronous insert before 26.
  async_insert_deduplicate: "1",
  input_format_skip_unknown_fields: "1",
  date_time_input_format: "best_effort",
  // A server elsewhere would take our times for its own zone's.
  session_timezone: "UTC",
  wait_end_of_query: "1",
};

/** One insert. */
export interface Insert {
  /** Rows in the form of `JSONEachRow`, compressed. */
  readonly rows: Uint8Array<ArrayBuffer>;
  /** What the server knows a repetition by. */
  readonly token: string;
  /** Until it has answered, ms. */
  readonly timeoutMs: number;
}

/**
 * The request of an insert.
 *
 * @param insert `rows` as `GzipText` makes them.
 */
export function insertRequest(
  { table }: Pick<ClickHouseTarget, "table">,
  { rows, token, timeoutMs }: Insert,
): ClickHouseRequest {
  return {
    parameters: {
      query: `INSERT INTO ${table} FORMAT JSONEachRow`,
      ...INSERT_SETTINGS,
      insert_deduplication_token: token,
    },
    headers: {
      "content-encoding": "gzip",
      "content-type": "application/x-ndjson",
    },
    body: rows,
    timeoutMs,
  };
}

/** Inserts rows, once; never throws. */
export async function insertRows(
  target: ClickHouseTarget,
  insert: Insert,
): Promise<Outcome> {
  return insertOutcome(
    await postToClickHouse(target, insertRequest(target, insert)),
  );
}

function insertOutcome(answer: ClickHouseAnswer): Outcome {
  return answer.kind === "delivered"
    ? { kind: "delivered", rejected: 0, message: "" }
    : answer;
}
