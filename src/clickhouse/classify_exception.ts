import { classifyStatus, type OutcomeKind } from "../outbox/classify_answer.ts";

/** It takes nothing now: overloaded, restarting, read-only, out of space. */
const AWAY: ReadonlySet<number> = new Set([
  159, // TIMEOUT_EXCEEDED
  160, // TOO_SLOW
  201, // QUOTA_EXCEEDED
  202, // TOO_MANY_SIMULTANEOUS_QUERIES
  203, // NO_FREE_CONNECTION
  209, // SOCKET_TIMEOUT
  210, // NETWORK_ERROR
  225, // NO_ZOOKEEPER
  236, // ABORTED
  241, // MEMORY_LIMIT_EXCEEDED
  242, // TABLE_IS_READ_ONLY
  243, // NOT_ENOUGH_SPACE
  279, // ALL_CONNECTION_TRIES_FAILED
  285, // TOO_FEW_LIVE_REPLICAS
  286, // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
  319, // UNKNOWN_STATUS_OF_INSERT
  394, // QUERY_WAS_CANCELLED
  439, // CANNOT_SCHEDULE_TASK
  999, // KEEPER_EXCEPTION
]);

/** It takes nothing from us until somebody changes a setting or the table. */
const MISCONFIGURED: ReadonlySet<number> = new Set([
  16, // NO_SUCH_COLUMN_IN_TABLE
  20, // NUMBER_OF_COLUMNS_DOESNT_MATCH
  47, // UNKNOWN_IDENTIFIER
  53, // TYPE_MISMATCH
  60, // UNKNOWN_TABLE
  62, // SYNTAX_ERROR
  73, // UNKNOWN_FORMAT
  81, // UNKNOWN_DATABASE
  115, // UNKNOWN_SETTING
  164, // READONLY
  192, // UNKNOWN_USER
  193, // WRONG_PASSWORD
  194, // REQUIRED_PASSWORD
  195, // IP_ADDRESS_NOT_ALLOWED
  291, // DATABASE_ACCESS_DENIED
  452, // SETTING_CONSTRAINT_VIOLATION
  497, // ACCESS_DENIED
  516, // AUTHENTICATION_FAILED
]);

/** What an answer of ClickHouse says of itself. */
export interface ClickHouseVerdict {
  readonly status: number;
  /** Of its exception; null for none. */
  readonly exceptionCode: number | null;
}

/**
 * What an answer means for the rows that were sent. The exception's code says
 * more than the status, which can be 200 all the same. Any code that is not
 * known to be the server's state or its settings is `doubtful`: rows that
 * cannot be parsed are bad, or meet a table of another shape, and the outbox
 * tells the two apart by whether other rows pass.
 *
 * Source: ClickHouse, `src/Common/ErrorCodes.cpp`.
 *
 * @example
 * ```ts
 * import { classifyException } from "../src/clickhouse/classify_exception.ts";
 *
 * expect(classifyException({ status: 200, exceptionCode: null }))
 *   .toBe("delivered");
 * expect(classifyException({ status: 200, exceptionCode: 241 })).toBe("away");
 * expect(classifyException({ status: 404, exceptionCode: 60 }))
 *   .toBe("misconfigured");
 * expect(classifyException({ status: 400, exceptionCode: 27 })).toBe("doubtful");
 * expect(classifyException({ status: 413, exceptionCode: null })).toBe("never");
 * ```
 */
export function classifyException(
  { status, exceptionCode }: ClickHouseVerdict,
): OutcomeKind {
  if (exceptionCode === null) return classifyStatus(status);
  if (AWAY.has(exceptionCode)) return "away";
  return MISCONFIGURED.has(exceptionCode) ? "misconfigured" : "doubtful";
}
