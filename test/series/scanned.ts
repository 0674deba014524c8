import { type ScannedWindow, scanWindow } from "../../src/map/scan_window.ts";
import type { ServiceWindow } from "../../src/map/service_window.ts";
import { encodeWindow } from "../../src/map/service_window_codec.ts";

/** What a series gets of a window. */
export function scanned(window: ServiceWindow): ScannedWindow {
  return scanWindow(encodeWindow(window).summary);
}
