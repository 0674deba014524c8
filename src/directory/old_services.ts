import { OVERFLOW_NAME } from "../map/window_entries.ts";
import type { DirectoryState } from "./admit_ids.ts";

/**
 * What the first version of the Directory stored, a list of ids, in today's
 * form: brought in by nobody's key, and seen now, since nobody knows better.
 *
 * @param nowMs Now, ms since the epoch.
 *
 * @example
 * ```ts
 * import { ofOldServices } from "../src/directory/old_services.ts";
 *
 * expect(ofOldServices(["cart"], 7_200_000).services).toEqual([
 *   { id: "cart", keyId: "", firstSeenHour: 2, lastSeenHour: 2 },
 * ]);
 * ```
 */
export function ofOldServices(
  ids: readonly string[],
  nowMs: number,
): DirectoryState {
  const hour = Math.floor(nowMs / 3_600_000);
  return {
    services: ids.filter((id) => id !== OVERFLOW_NAME).map((id) => ({
      id,
      keyId: "",
      firstSeenHour: hour,
      lastSeenHour: hour,
    })),
    overflowed: ids.includes(OVERFLOW_NAME),
  };
}
