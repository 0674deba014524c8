import type { ClickHouseTarget } from "../clickhouse/clickhouse_target.ts";
import type { OtlpTarget } from "./otlp_target.ts";

/** Where spans go on to. */
export type Target = OtlpTarget | ClickHouseTarget;

/** Whether spans go there as rows, many requests at once. */
export function isClickHouse(target: Target): target is ClickHouseTarget {
  return "table" in target;
}
