import type { WindowKey, WindowRange } from "../history/window_range.ts";
import type { EncodedWindow } from "../map/service_window_codec.ts";

/** Which windows a reader wants of the object of a service. */
export interface LiveRequest {
  readonly ranges: readonly WindowRange[];
  /** Whether the operations are wanted. */
  readonly operations: boolean;
  /** The last window of the page before this one. */
  readonly after?: WindowKey;
}

/** A window that is not, as it is now, in D1. */
export interface LiveWindow extends WindowKey {
  /** Without operations where they were not asked for. */
  readonly encoded:
    & Pick<EncodedWindow, "summary">
    & Partial<EncodedWindow>;
}

/** As many windows as one answer may carry. */
export interface LivePage {
  readonly windows: readonly LiveWindow[];
  /** Whether there are more, after the last one. */
  readonly more: boolean;
}
