import type { Correlator } from "../durable-objects/correlator.ts";
import type { Counters } from "../durable-objects/counters.ts";
import type { EngineExporter } from "../durable-objects/engine_exporter.ts";
import type { LiveHub } from "../durable-objects/live_hub.ts";
import type { Outbox } from "../durable-objects/outbox.ts";
import type { ServiceAggregate } from "../durable-objects/service_aggregate.ts";
import type { TraceShard } from "../durable-objects/trace_shard.ts";

/**
 * What wrangler.toml and the deployment's secrets put into the Worker's
 * environment, unchecked: `readSettings` turns the variables into settings.
 */
export interface Bindings {
  readonly TRACE_SHARD: DurableObjectNamespace<TraceShard>;
  readonly SERVICE_AGGREGATE: DurableObjectNamespace<ServiceAggregate>;
  /** Called through `directoryOf`. */
  readonly DIRECTORY: DurableObjectNamespace;
  readonly COUNTERS: DurableObjectNamespace<Counters>;
  readonly CORRELATOR: DurableObjectNamespace<Correlator>;
  readonly ENGINE_EXPORTER: DurableObjectNamespace<EngineExporter>;
  readonly LIVE_HUB: DurableObjectNamespace<LiveHub>;
  readonly OUTBOX: DurableObjectNamespace<Outbox>;
  readonly DB: D1Database;
  /** Counts a key's requests in a Cloudflare location; may be missing. */
  readonly KEY_RATE?: RateLimit;
  /** Every variable is text, and may be missing. */
  readonly [variable: string]: unknown;
}
