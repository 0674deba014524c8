import type * as z from "zod/mini";
import type { Asking } from "../query/asking.ts";
import { askedMoments } from "../query/asked_moments.ts";
import { pageOf } from "../query/page_of.ts";
import type { Drift } from "./drift.ts";
import { DEFAULT_DRIFT_LIMIT } from "./drift_limits.ts";
import type { driftListParameters } from "./drift_parameters.ts";
import { listDrifts } from "./drift_store.ts";

/** A page of events. */
export interface DriftPage {
  /** The newest first. */
  readonly drifts: readonly Drift[];
  /** The last one, where there is a next page. */
  readonly last: Drift | null;
}

/**
 * The events that are asked for.
 *
 * @throws {HttpProblem} 400 where the end is not after the start.
 * @throws What D1 threw.
 */
export async function loadDriftPage(
  { bindings, tenant, nowMs }: Asking,
  asked: z.infer<typeof driftListParameters>,
): Promise<DriftPage> {
  const { limit = DEFAULT_DRIFT_LIMIT, type, severity, cursor } = asked;
  const found = await listDrifts(bindings.DB, tenant, {
    filter: {
      resourceId: asked.resource_id,
      type,
      severity,
      ...askedMoments(asked, nowMs),
      after: cursor,
    },
    limit: limit + 1,
  });
  const { entries: drifts, last } = pageOf(found, limit);
  return { drifts, last };
}
