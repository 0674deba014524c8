import type { Caller } from "../access/caller.ts";
import type { Bindings } from "../bindings.ts";
import { admitServices } from "../directory/admit_services.ts";
import { shardLayout } from "../directory/shard_layout.ts";
import { nodeId } from "../map/node_identity.ts";
import { OVERFLOW_NAME } from "../map/window_entries.ts";
import { traceShardName } from "../object_names.ts";
import type { SpanBatch } from "../otlp/span_batch.ts";
import { learnMappings } from "../resources/learn_mappings.ts";
import { mappingBook } from "../resources/mapping_book.ts";
import type { Settings } from "../settings.ts";
import { newestShards } from "../trace/ownership.ts";
import { countLimited } from "./count_limited.ts";
import {
  cutByShard,
  MAX_MESSAGES_AT_ONCE,
  type ResourceFacts,
  resourceFacts,
} from "./cut_by_shard.ts";
import { count } from "../telemetry/counters.ts";
import { sendSomeAtOnce } from "./send_some_at_once.ts";
import { type Delivery, sentSpans } from "./sent_spans.ts";

/** Where spans are delivered to. */
export interface DeliverContext {
  readonly bindings: Bindings;
  readonly settings: Settings;
  readonly caller: Caller;
}

/**
 * Sends each span to the shard of its trace; settles when all are durable.
 *
 * @throws Where an object is overloaded or fails: the sender should come
 *   again, and what was stored already will not count twice.
 */
export async function deliverSpans(
  delivery: Delivery,
  context: DeliverContext,
): Promise<void> {
  const { batch } = delivery;
  const { bindings, settings } = context;
  const { tenant, limits } = context.caller;
  const [resources, epochs] = await Promise.all([
    admitted(batch, context),
    shardLayout(bindings, {
      tenant,
      shards: settings.traceShards,
      nowMs: Date.now(),
    }),
  ]);
  const messages = cutByShard(batch, {
    shards: newestShards(epochs),
    resources,
    sent: settings.traces === "off" ? null : sentSpans(delivery),
    notKept: (spans) =>
      count(tenant, "spans_not_kept", { amount: spans, reason: "too_large" }),
  });
  await sendSomeAtOnce(messages, {
    atOnce: MAX_MESSAGES_AT_ONCE,
    send: ({ shard, message }) => {
      const name = traceShardName(tenant, shard);
      const stub = bindings.TRACE_SHARD.getByName(name);
      return stub.accept(message, { tenant, shard: name, epochs });
    },
  });
  // Last: what failed comes again, and is to be counted then.
  const unlearned = learnMappings(batch, resources, {
    tenant,
    book: mappingBook,
    nowMs: Date.now(),
    // A page's key is public, and could say so of another's service.
    named: limits.services === null && limits.origins === null,
  });
  count(tenant, "mappings_not_learned", { amount: unlearned });
}

/** Services beyond a limit are counted as one. */
async function admitted(
  batch: SpanBatch,
  context: DeliverContext,
): Promise<ResourceFacts> {
  const resources = resourceFacts(batch);
  const services = new Set(
    [...resources.values()].map(({ service }) => service),
  );
  const refused = await admitServices(context.bindings, {
    caller: context.caller,
    services: [...services],
  });
  countLimited(batch, { resources, refused, tenant: context.caller.tenant });
  if (refused.size === 0) return resources;
  const overflow = { namespace: "", name: OVERFLOW_NAME, environment: "" };
  return new Map(
    [...resources].map(([resource, facts]) => [
      resource,
      refused.has(nodeId(facts.service))
        ? { ...facts, service: overflow }
        : facts,
    ]),
  );
}
