import type { Bindings } from "../bindings.ts";
import { correlatorName } from "../object_names.ts";
import type { WatchedChange } from "./due_reports.ts";

/**
 * Has a report made of each change once the window after it has closed.
 *
 * @returns Whether somebody listens to what changes.
 * @throws Where the object does not answer: the sender should come again,
 *   which changes nothing else.
 */
export function watchDrifts(
  bindings: Pick<Bindings, "CORRELATOR">,
  tenant: string,
  changes: readonly WatchedChange[],
): Promise<boolean> {
  const stub = bindings.CORRELATOR.getByName(correlatorName(tenant));
  return stub.watch(
    tenant,
    changes.map(({ id, timeMs }) => ({ id, timeMs })),
  );
}
