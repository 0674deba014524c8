import type { ShardLayout } from "./ownership.ts";

/** Whose shard it is; told with every message, since a name can be missing. */
export interface ShardIdentity {
  readonly tenant: string;
  /** Its name, under which the services count its deltas. */
  readonly shard: string;
}

/** What is told with every call about the tenant's shards. */
export interface ShardRoute extends ShardIdentity {
  /** As far as the caller knows; a Worker from before epochs tells none. */
  readonly epochs?: ShardLayout;
}
