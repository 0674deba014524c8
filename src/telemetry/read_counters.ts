import type { Bindings } from "../bindings.ts";
import { logFault } from "../http/log.ts";
import { countersName } from "../object_names.ts";
import type { Count } from "./counters.ts";

/**
 * All that was counted for a tenant since ever; "" for what is no tenant's.
 *
 * @returns null where the object does not answer, which is logged.
 */
export async function readCounters(
  bindings: Pick<Bindings, "COUNTERS">,
  tenant: string,
): Promise<readonly Count[] | null> {
  const name = countersName(tenant);
  try {
    return await bindings.COUNTERS.getByName(name).read();
  } catch (error) {
    // A status is asked for when something fails: it says what it can.
    logFault("counters_do_not_answer", error, { object: name });
    return null;
  }
}
