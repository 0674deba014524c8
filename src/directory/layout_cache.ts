import { logFault } from "../http/log.ts";
import { MAX_LAYOUT_AGE_MS, type ShardLayout } from "../trace/ownership.ts";

/** How old an answer may be before the Directory is asked again, ms. */
export const LAYOUT_FRESH_MS = 60_000;
/** Tenants whose layouts an isolate remembers; then it asks anew. */
export const MAX_REMEMBERED_LAYOUTS = 1000;

/** Whose layout is wanted. */
export interface LayoutQuestion {
  readonly tenant: string;
  /** How many shards there are to be, as configured. */
  readonly shards: number;
  /** Now, ms since the epoch. */
  readonly nowMs: number;
}

interface Remembered {
  readonly layout: ShardLayout;
  readonly shards: number;
  readonly answeredMs: number;
  /** When somebody last set out to ask again, ms since the epoch. */
  askedMs: number;
}

/**
 * What an isolate knows of its tenants' layouts. An answer serves for a
 * minute; then one request asks again, and the others go on by the old one
 * meanwhile: a shard that gets spans by an old layout sets them right.
 */
export class LayoutCache {
  readonly #remembered: Map<string, Remembered> = new Map();

  /**
   * The layout of a tenant's shards.
   *
   * @param ask Asks the Directory.
   * @throws What `ask` threw, where nothing is known that is less than
   *   `MAX_LAYOUT_AGE_MS` old.
   */
  async layout(
    question: LayoutQuestion,
    ask: () => Promise<ShardLayout>,
  ): Promise<ShardLayout> {
    const { tenant, nowMs } = question;
    const known = this.#usable(question);
    if (known !== null) {
      if (known.askedMs > nowMs - LAYOUT_FRESH_MS) return known.layout;
      known.askedMs = nowMs;
    }
    try {
      const layout = await ask();
      this.#remember(question, layout);
      return layout;
    } catch (error) {
      if (known === null) throw error;
      logFault("layout_not_renewed", error, { tenant });
      return known.layout;
    }
  }

  #usable({ tenant, shards, nowMs }: LayoutQuestion): Remembered | null {
    const known = this.#remembered.get(tenant);
    if (known === undefined || known.shards !== shards) return null;
    return known.answeredMs > nowMs - MAX_LAYOUT_AGE_MS ? known : null;
  }

  #remember(question: LayoutQuestion, layout: ShardLayout): void {
    const { tenant, shards, nowMs } = question;
    const isFull = this.#remembered.size >= MAX_REMEMBERED_LAYOUTS;
    if (isFull && !this.#remembered.has(tenant)) this.#remembered.clear();
    const at = { answeredMs: nowMs, askedMs: nowMs };
    this.#remembered.set(tenant, { layout, shards, ...at });
  }
}
