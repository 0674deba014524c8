import { createDurable } from "itty-durable";
import { admitIds } from "../src/directory/admit_ids.ts";
import { extendLayout } from "../src/directory/extend_layout.ts";
import type { ShardLayout } from "../src/trace/ownership.ts";

/**
 * Knows which services a tenant has, and its trace shards. Small and slow: it is asked once for a
 * new service and once for each answer, never for each span. itty-durable
 * loads and stores its fields; it must have no alarm, since an alarm would
 * run before they are loaded.
 */
export class Directory extends createDurable() {
  /** `nodeId` of each service, in the order of their first span. */
  services: string[] = [];
  /** How many trace shards there are, and were. */
  epochs: ShardLayout = [];

  /** Adds services; returns those that are beyond the limit. */
  async admit(ids: readonly string[]): Promise<readonly string[]> {
    const { services, refused } = admitIds(this.services, ids);
    const before = this.services;
    if (services.length > before.length) {
      this.services = services;
      try {
        await this.persist();
      } catch (error) {
        // What is not on disk must not be taken for known.
        this.services = before;
        throw error;
      }
    }
    return refused;
  }

  /** The layout of the trace shards, extended where another number is asked. */
  async layout(shards: number): Promise<ShardLayout> {
    const before = this.epochs;
    const after = extendLayout(before, { shards, nowMs: Date.now() });
    if (after !== before) {
      this.epochs = after;
      try {
        await this.persist();
      } catch (error) {
        // Nobody may send by a layout that a restart forgets.
        this.epochs = before;
        throw error;
      }
    }
    return after;
  }

  /** All services. */
  list(): readonly string[] {
    return this.services;
  }
}
