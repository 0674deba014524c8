import { inRanges, isAfter, type WindowKey } from "../history/window_range.ts";
import {
  type EncodedWindow,
  encodeWindow,
} from "../map/service_window_codec.ts";
import type { LivePage, LiveRequest, LiveWindow } from "./live_window.ts";
import { rolledUp } from "./roll_up.ts";
import type { WindowStore } from "./window_store.ts";

/** Bytes of windows that one answer carries, about; a call may have 32 MiB. */
export const LIVE_PAGE_BYTES = 4 * 1024 * 1024;

/**
 * The pending windows that a reader wants, or the first of them.
 *
 * @param pending In order of resolution, then time.
 */
export function readLive(
  store: WindowStore,
  pending: readonly WindowKey[],
  request: LiveRequest,
): LivePage {
  const { ranges, after } = request;
  const wanted = pending.filter((key) =>
    inRanges(key, ranges) && (after === undefined || isAfter(key, after))
  );
  const windows: LiveWindow[] = [];
  let bytes = 0;
  for (const key of wanted) {
    if (bytes >= LIVE_PAGE_BYTES) return { windows, more: true };
    const encoded = encodedWindow(store, key);
    if (encoded === null) continue;
    const { summary, operations } = encoded;
    windows.push({
      ...key,
      encoded: request.operations ? { summary, operations } : { summary },
    });
    bytes += summary.length + (request.operations ? operations.length : 0);
  }
  return { windows, more: false };
}

function encodedWindow(
  store: WindowStore,
  key: WindowKey,
): EncodedWindow | null {
  const stored = store.encoded(key);
  if (stored !== null) return stored;
  const made = rolledUp(store, key);
  return made === null ? null : encodeWindow(made);
}
