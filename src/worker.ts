import { createApp } from "./app.ts";
import type { Bindings } from "./bindings.ts";
import { deliverSpans } from "./ingest/deliver.ts";
import { forwardSpans } from "./outbox/forward.ts";
import { runScheduled } from "./scheduled.ts";

export { Correlator } from "../durable-objects/correlator.ts";
export { Counters } from "../durable-objects/counters.ts";
export { Directory } from "../durable-objects/directory.ts";
export { EngineExporter } from "../durable-objects/engine_exporter.ts";
export { LiveHub } from "../durable-objects/live_hub.ts";
export { Outbox } from "../durable-objects/outbox.ts";
export { ServiceAggregate } from "../durable-objects/service_aggregate.ts";
export { TraceShard } from "../durable-objects/trace_shard.ts";

const app = createApp({ deliver: deliverSpans, forward: forwardSpans });

export default {
  fetch: app.fetch,
  scheduled: (controller, env) => runScheduled(env, controller.scheduledTime),
} satisfies ExportedHandler<Bindings>;
