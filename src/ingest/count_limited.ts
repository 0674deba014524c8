import type { RefusedBy } from "../directory/admit_ids.ts";
import { foldName } from "../map/fold_name.ts";
import { nodeId } from "../map/node_identity.ts";
import type { ResourceAttributes, SpanBatch } from "../otlp/span_batch.ts";
import { count } from "../telemetry/counters.ts";
import type { ResourceFacts } from "./cut_by_shard.ts";

/** Counts the spans of a batch that a limit changes, each sort once. */
export function countLimited(
  batch: SpanBatch,
  options: {
    readonly tenant: string;
    readonly resources: ResourceFacts;
    /** By `nodeId`. */
    readonly refused: ReadonlyMap<string, RefusedBy>;
  },
): void {
  const limits = new Map<ResourceAttributes, RefusedBy>();
  for (const [resource, { service }] of options.resources) {
    const limit = options.refused.get(nodeId(service));
    if (limit !== undefined) limits.set(resource, limit);
  }
  const overflowed = { tenant: 0, key: 0, hour: 0 };
  let folded = 0;
  for (const { name, resource } of batch.spans) {
    if (foldName(name) !== name) folded++;
    const limit = limits.get(resource);
    if (limit !== undefined) overflowed[limit]++;
  }
  count(options.tenant, "folded_names", { amount: folded });
  for (const reason of ["tenant", "key", "hour"] as const) {
    const amount = overflowed[reason];
    count(options.tenant, "overflowed_spans", { amount, reason });
  }
}
