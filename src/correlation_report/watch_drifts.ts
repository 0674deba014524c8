import type { Bindings } from "../bindings.ts";
import { correlatorName } from "../object_names.ts";
import type { WatchedChange } from "./due_reports.ts";

/**
 * Has a report made of each change once the window after it has closed.
 *
 * @throws Where the object does not answer: the sender should come again,
 *   which changes nothing else.
 */
export async function watchDrifts(
  bindings: Pick<Bindings, "CORRELATOR">,
  tenant: string,
  changes: readonly WatchedChange[],
): Promise<void> {
  const stub = bindings.CORRELATOR.getByName(correlatorName(tenant));
  await stub.watch(
    tenant,
    changes.map(({ id, timeMs }) => ({ id, timeMs })),
  );
}
