import type { Bindings } from "../bindings.ts";
import { logFault } from "../http/log.ts";
import { MAX_LAYOUT_AGE_MS, type ShardLayout } from "../trace/ownership.ts";
import { directoryOf } from "./directory_stub.ts";

/** How old an answer may be before the Directory is asked again, ms. */
export const LAYOUT_FRESH_MS = 60_000;
/** Tenants whose layouts an isolate remembers; then it asks anew. */
export const MAX_REMEMBERED_LAYOUTS = 1000;

interface Remembered {
  readonly layout: ShardLayout;
  /** The number of shards that was asked for. */
  readonly shards: number;
  readonly answeredMs: number;
  /** When somebody last set out to ask again, ms since the epoch. */
  askedMs: number;
}

// Per isolate: by tenant.
const remembered: Map<string, Remembered> = new Map();

/**
 * The layout of a tenant's shards, which the Directory extends where it has
 * another number of shards than asked for. It is asked once a minute, by one
 * request; the others go on by what is known.
 *
 * @param asked `shards`: as configured. `nowMs`: now, ms since the epoch.
 * @throws Where the Directory does not answer, and what is known is more than
 *   `MAX_LAYOUT_AGE_MS` old.
 */
export async function shardLayout(
  bindings: Bindings,
  asked: {
    readonly tenant: string;
    readonly shards: number;
    readonly nowMs: number;
  },
): Promise<ShardLayout> {
  const { tenant, shards, nowMs } = asked;
  const known = usable(remembered.get(tenant), asked);
  if (known !== null) {
    if (known.askedMs > nowMs - LAYOUT_FRESH_MS) return known.layout;
    known.askedMs = nowMs;
  }
  try {
    const layout = await directoryOf(bindings, tenant).layout(shards);
    if (remembered.size >= MAX_REMEMBERED_LAYOUTS) remembered.clear();
    const answer = { layout, shards, answeredMs: nowMs, askedMs: nowMs };
    remembered.set(tenant, answer);
    return layout;
  } catch (error) {
    if (known === null) throw error;
    logFault("layout_not_renewed", error, { tenant });
    return known.layout;
  }
}

function usable(
  known: Remembered | undefined,
  asked: { readonly shards: number; readonly nowMs: number },
): Remembered | null {
  if (known === undefined || known.shards !== asked.shards) return null;
  return known.answeredMs > asked.nowMs - MAX_LAYOUT_AGE_MS ? known : null;
}
