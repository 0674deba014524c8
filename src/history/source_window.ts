import type { NodeIdentity } from "../map/node_identity.ts";
import type { ServiceWindow } from "../map/service_window.ts";

/** A window of a service, or several put together: what answers are made of. */
export interface SourceWindow {
  readonly service: NodeIdentity;
  /** Length, s: 60, 3600, 86400, or from the first to the last of several. */
  readonly resolution: number;
  /** Start, unix seconds. */
  readonly startS: number;
  readonly window: ServiceWindow;
}
