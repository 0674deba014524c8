import { TRACE_MEMORY_MS } from "./trace_table.ts";

/** How long an isolate may send by a layout that it cannot renew, ms. */
export const MAX_LAYOUT_AGE_MS = 3_600_000;
/**
 * How long after its end an epoch's shards may know traces of it, ms: isolates
 * that were behind started traces there, which are known for a day.
 */
export const SHARD_MEMORY_MS = TRACE_MEMORY_MS + MAX_LAYOUT_AGE_MS;

/** A time with a certain number of shards. */
export interface ShardEpoch {
  readonly shards: number;
  /** When it began, ms since the epoch; no two epochs of a tenant share it. */
  readonly sinceMs: number;
}

/**
 * The epochs of a tenant, oldest first. Of two layouts the one whose newest
 * epoch is later is the newer one, and continues the other.
 */
export type ShardLayout = readonly ShardEpoch[];

/**
 * What a shard does with spans of a trace:
 * - `take` them,
 * - `ask` the shards that owned the trace before, and take them if none of
 *   those knows it,
 * - `pass` them on to the shard that may start the trace.
 */
export type Route =
  | { readonly do: "take" }
  | { readonly do: "ask"; readonly owners: readonly number[] }
  | { readonly do: "pass"; readonly owner: number };

/** What a shard's decision follows from. */
export interface OwnershipView {
  /** Number of the shard that decides. */
  readonly shard: number;
  /** Empty where no sender told one yet. */
  readonly layout: ShardLayout;
  readonly nowMs: number;
  /** The layout under which all earlier owners said that they do not know it. */
  readonly askedVersion: number | null;
  knows(traceId: string): boolean;
}

const TAKE: Route = { do: "take" };

/**
 * The shard of a trace among so many.
 *
 * @param traceId 16 bytes as a byte string.
 *
 * @example
 * ```ts
 * import { shardOf } from "../src/trace/ownership.ts";
 *
 * const traceId = "0123456789ab" + "\u0000\u0000\u0001\u0002";
 * expect(shardOf(traceId, 4)).toBe(0x102 % 4);
 * ```
 */
export function shardOf(traceId: string, shards: number): number {
  // W3C Trace Context, level 2: the last 7 bytes are the random ones.
  const word = (traceId.charCodeAt(12) << 24) |
    (traceId.charCodeAt(13) << 16) | (traceId.charCodeAt(14) << 8) |
    traceId.charCodeAt(15);
  return (word >>> 0) % shards;
}

/** Names a layout: greater for a newer one; 0 for none. */
export function layoutVersion(layout: ShardLayout): number {
  return layout.at(-1)?.sinceMs ?? 0;
}

/** How many shards new traces are spread over; 0 without a layout. */
export function newestShards(layout: ShardLayout): number {
  return layout.at(-1)?.shards ?? 0;
}

/** The newer one of two layouts; of the same one, what was shortened since. */
export function newerLayout(a: ShardLayout, b: ShardLayout): ShardLayout {
  const ahead = layoutVersion(b) - layoutVersion(a);
  return ahead > 0 || (ahead === 0 && b.length < a.length) ? b : a;
}

/** The epochs whose shards may still know traces; the newest is among them. */
export function rememberedEpochs(
  layout: ShardLayout,
  nowMs: number,
): ShardLayout {
  return layout.filter((_, at) => {
    const next = layout[at + 1];
    return next === undefined || next.sinceMs + SHARD_MEMORY_MS > nowMs;
  });
}

/**
 * Decides what a shard does with spans of a trace, so that at most one shard
 * ever owns a trace, whatever happens in between:
 *
 * - A shard keeps what it knows, and what it knows it does not forget.
 * - Only the newest owner starts a trace, and only after every earlier owner
 *   said under the same layout that it does not know it. To say so they keep
 *   that layout: from then on they themselves are not the newest owner, and
 *   start it no more.
 *
 * So of two shards that started a trace, the one under the newer layout would
 * have been told by the other that it is known. (The version of the layout is
 * the ballot of Paxos.)
 *
 * @example A trace that moved from shard 0 to shard 3
 * ```ts
 * import { routeOf } from "../src/trace/ownership.ts";
 *
 * const traceId = "\u0000".repeat(15) + "\u0003";
 * const layout = [{ shards: 1, sinceMs: 1000 }, { shards: 4, sinceMs: 2000 }];
 * const view = { layout, nowMs: 2500, askedVersion: null, knows: () => false };
 * expect(routeOf(traceId, { ...view, shard: 0 }))
 *   .toEqual({ do: "pass", owner: 3 });
 * expect(routeOf(traceId, { ...view, shard: 3 }))
 *   .toEqual({ do: "ask", owners: [0] });
 * expect(routeOf(traceId, { ...view, shard: 3, askedVersion: 2000 }))
 *   .toEqual({ do: "take" });
 * ```
 */
export function routeOf(traceId: string, view: OwnershipView): Route {
  const { shard, layout } = view;
  // Whoever sent it by the only epoch there is sent it to its owner.
  if (layout.length <= 1) return TAKE;
  const newest = shardOf(traceId, newestShards(layout));
  if (newest !== shard) {
    return view.knows(traceId) ? TAKE : { do: "pass", owner: newest };
  }
  if (view.askedVersion === layoutVersion(layout)) return TAKE;
  const owners = earlierOwners(traceId, view);
  return owners.length === 0 || view.knows(traceId)
    ? TAKE
    : { do: "ask", owners };
}

function earlierOwners(
  traceId: string,
  { shard, layout, nowMs }: OwnershipView,
): readonly number[] {
  const owners = new Set(
    rememberedEpochs(layout, nowMs).map(({ shards }) =>
      shardOf(traceId, shards)
    ),
  );
  owners.delete(shard);
  return [...owners];
}
