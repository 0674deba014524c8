import { DurableObject } from "cloudflare:workers";
import type { Bindings } from "../src/bindings.ts";
import { GroupCommit } from "../src/storage/group_commit.ts";
import {
  addCounts,
  type CounterTotals,
  listCounts,
} from "../src/telemetry/counter_totals.ts";
import type { Count } from "../src/telemetry/counters.ts";

/** Messages that may wait for the write under way; more are refused. */
export const MAX_WAITING_MESSAGES = 256;
/** Bytes of them, of which a count takes some COUNT_BYTES. */
export const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const COUNT_BYTES = 64;
const TOTALS_KEY = "totals";

/**
 * Adds up what all isolates counted for one tenant, in one row, so that a
 * counter never falls while isolates come and go.
 */
export class Counters extends DurableObject<Bindings> {
  readonly #commit: GroupCommit<readonly Count[]>;
  #totals: CounterTotals;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    this.#totals = ctx.storage.kv.get<CounterTotals>(TOTALS_KEY) ?? new Map();
    this.#commit = new GroupCommit({
      write: (messages) => this.#write(messages),
      sync: () => ctx.storage.sync(),
      maxWaiting: MAX_WAITING_MESSAGES,
      sizeOf: (counts) => counts.length * COUNT_BYTES,
      maxWaitingBytes: MAX_WAITING_BYTES,
    });
  }

  /**
   * Adds counts; settles when they are on disk.
   *
   * @throws {OverloadedError} Where too many messages wait already.
   */
  async add(counts: readonly Count[]): Promise<void> {
    await this.#commit.add(counts);
  }

  /** All that was counted since ever, in a fixed order. */
  read(): readonly Count[] {
    return listCounts(this.#totals);
  }

  #write(messages: readonly (readonly Count[])[]): void {
    const totals = addCounts(this.#totals, messages.flat());
    this.ctx.storage.kv.put(TOTALS_KEY, totals);
    this.#totals = totals;
  }
}
