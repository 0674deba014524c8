import {
  DAY_S,
  HOUR_S,
  MINUTE_S,
  type WindowKey,
} from "../history/window_range.ts";
import { emptyWindow, type ServiceWindow } from "../map/service_window.ts";
import { mergeWindow } from "../map/merge_window.ts";
import type { WindowStore } from "./window_store.ts";

/**
 * A window as it is stored, or, where it is not made yet, as the finer ones
 * within it add up to.
 *
 * @returns null where nothing happened in it.
 */
export function rolledUp(
  store: WindowStore,
  key: WindowKey,
): Readonly<ServiceWindow> | null {
  const stored = store.get(key);
  if (stored !== null) return stored;
  const sum = emptyWindow();
  let found = false;
  for (const finer of finerKeys(store, key)) {
    const window = rolledUp(store, finer);
    if (window === null) continue;
    mergeWindow(sum, window);
    found = true;
  }
  return found ? sum : null;
}

function finerKeys(
  store: WindowStore,
  { resolution, startS }: WindowKey,
): WindowKey[] {
  if (resolution === MINUTE_S) return [];
  if (resolution === HOUR_S) {
    return store.starts(MINUTE_S, startS, startS + HOUR_S)
      .map((minuteS) => ({ resolution: MINUTE_S, startS: minuteS }));
  }
  // All of them: an hour can have minutes and no window of its own yet.
  return Array.from({ length: DAY_S / HOUR_S }, (_, at) => ({
    resolution: HOUR_S,
    startS: startS + at * HOUR_S,
  }));
}
