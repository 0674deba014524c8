import type { Bindings } from "../bindings.ts";
import { correlatorName } from "../object_names.ts";
import type { AnomalyChange } from "./tell_anomaly.ts";

/**
 * Has an anomaly explained, and people told of it; settles when that is on
 * disk.
 *
 * @throws Where the object does not answer: come again, it is told once.
 */
export async function watchAnomaly(
  bindings: Pick<Bindings, "CORRELATOR">,
  tenant: string,
  changes: readonly AnomalyChange[],
): Promise<void> {
  const stub = bindings.CORRELATOR.getByName(correlatorName(tenant));
  await stub.tell(tenant, changes);
}
