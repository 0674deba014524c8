import { createDurable } from "itty-durable";
import {
  type AdmissionRequest,
  admitIds,
  type DirectoryState,
  type Refusal,
} from "../src/directory/admit_ids.ts";
import { extendLayout } from "../src/directory/extend_layout.ts";
import { ofOldServices } from "../src/directory/old_services.ts";
import { OVERFLOW_NAME } from "../src/map/window_entries.ts";
import type { ShardLayout } from "../src/trace/ownership.ts";

/**
 * Knows which services a tenant has, and its trace shards. Small and slow: it
 * is asked once an hour for a service, once a minute for the shards, and once
 * for each answer, never for each span. itty-durable
 * loads and stores its fields; it must have no alarm, since an alarm would
 * run before they are loaded.
 */
export class Directory extends createDurable() {
  /** What the first version stored; empty since. */
  services: readonly string[] = [];
  /** Which services there are, and who brought them in. */
  known: DirectoryState = { services: [], overflowed: false };
  /** How many trace shards there are, and were. */
  epochs: ShardLayout = [];

  /** Brings what the first version stored into today's form. */
  override async onLoad(): Promise<void> {
    if (this.services.length === 0) return;
    this.known = ofOldServices(this.services, Date.now());
    this.services = [];
    // Stored at once: a service would never grow old if each start were its
    // first.
    await this.persist();
  }

  /** Adds services; returns those that a limit refuses. */
  async admit(request: AdmissionRequest): Promise<readonly Refusal[]> {
    const before = this.known;
    const { state, refused } = admitIds(before, request, Date.now());
    if (state !== before) {
      this.known = state;
      await this.keepOr(() => this.known = before);
    }
    return refused;
  }

  /** The layout of the trace shards, extended where another number is asked. */
  async layout(shards: number): Promise<ShardLayout> {
    const before = this.epochs;
    const after = extendLayout(before, { shards, nowMs: Date.now() });
    if (after !== before) {
      this.epochs = after;
      await this.keepOr(() => this.epochs = before);
    }
    return after;
  }

  /** All services (`nodeId`), with `__overflow__` where one was refused. */
  list(): readonly string[] {
    const ids = this.known.services.map(({ id }) => id);
    return this.known.overflowed ? [...ids, OVERFLOW_NAME] : ids;
  }

  /** Nobody may act on what is not on disk, and a restart forgets. */
  private async keepOr(undo: () => void): Promise<void> {
    try {
      await this.persist();
    } catch (error) {
      undo();
      throw error;
    }
  }
}
