import type { Bindings } from "../bindings.ts";
import { CLOSE_GRACE_S } from "../history/retention.ts";
import { DAY_S, MINUTE_S } from "../history/window_range.ts";
import { storeJson } from "../outbox/store_json.ts";
import { loadServiceGraph } from "../query/load_service_graph.ts";
import type { GraphAsked } from "../resources/load_resource_graph.ts";
import { engineExports } from "./engine_export.ts";

/** How long services have to write a closed minute before it is exported, s. */
export const EXPORT_WAIT_S = 15;
/** A minute that is older is not exported any more, s. */
export const MAX_EXPORT_AGE_S = DAY_S;

const MS_PER_S = 1000;

/** When a minute is exported, ms since the epoch. */
export function exportDueMs(startS: number): number {
  return (startS + MINUTE_S + CLOSE_GRACE_S + EXPORT_WAIT_S) * MS_PER_S;
}

/**
 * The first minute after another in which D1 has a window of the tenant.
 *
 * @returns Its start, s since the epoch; null where there is none.
 * @throws What D1 threw.
 */
export function nextMinute(
  database: D1Database,
  tenant: string,
  afterS: number,
): Promise<number | null> {
  return database.prepare(`
    SELECT start_s FROM bucket
    WHERE tenant = ?1 AND resolution = ?2 AND start_s > ?3
    ORDER BY start_s LIMIT 1`)
    .bind(tenant, MINUTE_S, afterS)
    .first<number>("start_s");
}

/**
 * Puts a minute of the map into the outbox of AirDig's Engine. Twice gives the
 * same `Idempotency-Key`s twice.
 *
 * @param startS Start of the minute, s since the epoch.
 * @throws {OutboxFullError} Where the outbox has no room.
 * @throws {UnansweredError} Where an object does not answer.
 * @throws What D1 threw.
 */
export async function exportWindow(
  bindings: Bindings,
  startS: number,
  asked: GraphAsked,
): Promise<void> {
  const { tenant, nowMs } = asked;
  const endS = startS + MINUTE_S;
  const { graph } = await loadServiceGraph(bindings, {
    ...asked,
    ranges: [{ resolution: MINUTE_S, fromS: startS, toS: endS }],
  });
  const bodies = engineExports(graph, {
    startMs: startS * MS_PER_S,
    endMs: endS * MS_PER_S,
    nowMs,
    warnings: [],
  });
  for (const [at, body] of bodies.entries()) {
    await storeJson(bindings, {
      tenant,
      target: "engine",
      json: JSON.stringify(body),
      idempotencyKey: `tracecore/${encodeURIComponent(tenant)}/${startS}/${at}`,
    });
  }
}
