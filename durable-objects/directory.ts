import { createDurable } from "itty-durable";
import { admitIds } from "../src/directory/admit_ids.ts";

/**
 * Knows which services a tenant has. Small and slow: it is asked once for a
 * new service and once for each answer, never for each span. itty-durable
 * loads and stores its fields; it must have no alarm, since an alarm would
 * run before they are loaded.
 */
export class Directory extends createDurable() {
  /** `nodeId` of each service, in the order of their first span. */
  services: string[] = [];

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

  /** All services. */
  list(): readonly string[] {
    return this.services;
  }
}
