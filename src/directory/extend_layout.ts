import {
  newestShards,
  rememberedEpochs,
  type ShardLayout,
} from "../trace/ownership.ts";

/** Epochs that a tenant can have; a change beyond waits for the oldest's end. */
export const MAX_EPOCHS = 16;
/**
 * A number of shards that was replaced is taken again only after this time,
 * ms: two versions that run side by side would change it back and forth.
 */
export const CHANGE_BACK_MS = 10 * 60_000;

/**
 * The layout after a deployment asked for a number of shards: with one more
 * epoch where that is another number, and without those that no shard can know
 * traces of any more.
 *
 * @returns The same layout where nothing changes.
 *
 * @example From one shard to four
 * ```ts
 * import { extendLayout } from "../src/directory/extend_layout.ts";
 *
 * const first = extendLayout([], { shards: 1, nowMs: 1000 });
 * expect(first).toEqual([{ shards: 1, sinceMs: 1000 }]);
 * const second = extendLayout(first, { shards: 4, nowMs: 2000 });
 * expect(second).toEqual([...first, { shards: 4, sinceMs: 2000 }]);
 * // The old version still runs: it is not obeyed.
 * expect(extendLayout(second, { shards: 1, nowMs: 3000 })).toBe(second);
 * ```
 */
export function extendLayout(
  layout: ShardLayout,
  asked: { readonly shards: number; readonly nowMs: number },
): ShardLayout {
  const { shards, nowMs } = asked;
  const remembered = rememberedEpochs(layout, nowMs);
  const kept = remembered.length === layout.length ? layout : remembered;
  if (newestShards(kept) === shards || kept.length >= MAX_EPOCHS) return kept;
  const replaced = kept.some((epoch, at) => {
    const next = kept[at + 1];
    return epoch.shards === shards && next !== undefined &&
      next.sinceMs + CHANGE_BACK_MS > nowMs;
  });
  if (replaced) return kept;
  // The time is what tells epochs apart, and a clock can go backwards.
  const sinceMs = Math.max(nowMs, (kept.at(-1)?.sinceMs ?? 0) + 1);
  return [...kept, { shards, sinceMs }];
}
