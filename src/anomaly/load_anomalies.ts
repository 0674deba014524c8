import type * as z from "zod/mini";
import { HttpProblem } from "../http/http_problem.ts";
import type { Asking } from "../query/asking.ts";
import { askedMoments } from "../query/asked_moments.ts";
import { pageOf } from "../query/page_of.ts";
import type { Anomaly } from "./anomaly.ts";
import { DEFAULT_ANOMALY_LIMIT } from "./anomaly_limits.ts";
import type { anomalyListParameters } from "./anomaly_parameters.ts";
import {
  listAnomalies,
  readAnomaly,
  type StoredAnomaly,
} from "./anomaly_store.ts";

/** How much of an unknown id an error repeats, UTF-16 code units. */
const REPEATED_ID = 100;

/** A page of anomalies. */
export interface AnomalyPage {
  /** The newest first. */
  readonly anomalies: readonly StoredAnomaly[];
  /** The last one, where there is a next page. */
  readonly last: Anomaly | null;
}

/**
 * The anomalies that are asked for.
 *
 * @throws {HttpProblem} 400 where the end is not after the start.
 * @throws What D1 threw.
 */
export async function loadAnomalyPage(
  { bindings, tenant, nowMs }: Asking,
  asked: z.infer<typeof anomalyListParameters>,
): Promise<AnomalyPage> {
  const { limit = DEFAULT_ANOMALY_LIMIT, service, metric, state } = asked;
  const moments = askedMoments(asked, nowMs);
  const found = await listAnomalies(bindings.DB, tenant, {
    filter: { service, metric, state, ...moments, after: asked.cursor },
    limit: limit + 1,
  });
  const { entries, last } = pageOf(found, limit);
  return { anomalies: entries, last: last?.anomaly ?? null };
}

/**
 * The anomaly of an id.
 *
 * @throws {HttpProblem} 404 where there is none.
 * @throws What D1 threw.
 */
export async function findAnomaly(
  { bindings, tenant }: Asking,
  id: string,
): Promise<StoredAnomaly> {
  const stored = await readAnomaly(bindings.DB, tenant, id);
  if (stored !== null) return stored;
  throw new HttpProblem(
    404,
    `Cannot find an anomaly "${id.slice(0, REPEATED_ID)}": see GET ` +
      "/api/v1/anomalies",
  );
}
