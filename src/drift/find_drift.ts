import type { Bindings } from "../bindings.ts";
import { watchDrifts } from "../correlation_report/watch_drifts.ts";
import { HttpProblem } from "../http/http_problem.ts";
import { DEFAULT_TENANT } from "../object_names.ts";
import type { Settings } from "../settings.ts";
import { askDeepDrift } from "./deepdrift.ts";
import type { Drift } from "./drift.ts";
import { MAX_DRIFT_ID_LENGTH } from "./drift_limits.ts";
import { listDrifts, readDrift, writeDrifts } from "./drift_store.ts";

/** Who asks for an event, and when. */
export interface DriftAsked {
  readonly tenant: string;
  readonly settings: Pick<Settings, "deepdrift">;
  readonly nowMs: number;
}

/**
 * The event of an id. One that is not known is asked for at DeepDrift, and
 * stored where it is there. Where nobody has such an event, the id may be a
 * resource's: then it is the newest event of that resource.
 *
 * DeepDrift knows no tenants: only `default` is answered from there.
 *
 * @throws {HttpProblem} 404 where there is none; 502 where DeepDrift is at
 *   fault.
 * @throws What D1 threw, or the object that makes reports in time.
 */
export async function findDrift(
  bindings: Pick<Bindings, "DB" | "CORRELATOR">,
  id: string,
  { tenant, settings, nowMs }: DriftAsked,
): Promise<Drift> {
  const known = id.length > MAX_DRIFT_ID_LENGTH
    ? null
    : await readDrift(bindings.DB, tenant, id);
  if (known !== null) return known;
  const [newest] = await listDrifts(bindings.DB, tenant, {
    filter: { resourceId: id },
    limit: 1,
  });
  if (newest !== undefined) return newest;
  const { deepdrift } = settings;
  if (
    deepdrift === null || tenant !== DEFAULT_TENANT ||
    id.length > MAX_DRIFT_ID_LENGTH
  ) throw unknownDrift(id);
  const answer = await askDeepDrift(deepdrift, id, { nowMs });
  if (!answer.ok) {
    throw new HttpProblem(
      502,
      `Cannot get the drift event "${id}" from DeepDrift: ${answer.reason}`,
    );
  }
  if (answer.drift === null) throw unknownDrift(id);
  await writeDrifts(bindings.DB, tenant, [answer.drift]);
  await watchDrifts(bindings, tenant, [answer.drift]);
  return answer.drift;
}

function unknownDrift(id: string): HttpProblem {
  return new HttpProblem(
    404,
    `Cannot find a drift event "${id}", nor one of such a resource: see GET ` +
      "/api/v1/drift-events",
  );
}
