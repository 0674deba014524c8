import type { Bindings } from "../bindings.ts";
import { correlatorName, traceShardName } from "../object_names.ts";
import { shardCounts, type ShardsAsked } from "../trace_search/trace_shards.ts";
import { LEASE_MS } from "./live_limits.ts";

/**
 * Has the objects of a tenant that learn of changes first tell the hub of
 * them, for `LEASE_MS`: all shards of which spans may come, and the correlator.
 *
 * @throws Where one of them does not answer.
 */
export async function askToTell(
  bindings: Bindings,
  { tenant, nowMs, ...asked }: ShardsAsked & { readonly nowMs: number },
): Promise<void> {
  const untilMs = nowMs + LEASE_MS;
  const counts = await shardCounts(bindings, { tenant, ...asked });
  const correlator = bindings.CORRELATOR.getByName(correlatorName(tenant));
  await Promise.all([
    correlator.listen(tenant, untilMs),
    ...Array.from({ length: Math.max(...counts) }, (_, index) => {
      const name = traceShardName(tenant, index);
      return bindings.TRACE_SHARD.getByName(name).listen(tenant, untilMs);
    }),
  ]);
}
