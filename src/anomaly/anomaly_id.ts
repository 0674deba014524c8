const FNV_PRIME = 0x01000193;
const SEEDS = [0x811c9dc5, 0x9e3779b9];

/**
 * The id of an anomaly: the same whenever it is worked out again.
 *
 * @example
 * ```ts
 * import { anomalyId } from "../src/anomaly/anomaly_id.ts";
 *
 * const id = anomalyId(["cart", "", "error_rate"], 28_000_000);
 * expect(id).toMatch(/^anomaly-[0-9a-z]+-[0-9a-f]{16}$/);
 * expect(anomalyId(["cart", "", "error_rate"], 28_000_000)).toBe(id);
 * ```
 */
export function anomalyId(
  names: readonly [service: string, edge: string, metric: string],
  startMinute: number,
): string {
  const text = JSON.stringify(names);
  const digest = SEEDS.map((seed) => fnv1a(text, seed)).join("");
  return `anomaly-${startMinute.toString(36)}-${digest}`;
}

/** FNV-1a over UTF-16 units, 8 hex digits. */
function fnv1a(text: string, seed: number): string {
  let hash = seed;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}
