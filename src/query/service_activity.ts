import { nodeId, type NodeIdentity } from "../map/node_identity.ts";
import { emptyWindow, type ServiceWindow } from "../map/service_window.ts";
import { mergeWindow } from "../map/merge_window.ts";
import type { SourceWindow } from "../history/source_window.ts";

/** A service, and its windows together. */
export interface ServiceActivity {
  /** `nodeId` of `identity`. */
  readonly id: string;
  readonly identity: NodeIdentity;
  /** Its own windows together, without edges and operations. */
  readonly activity: ServiceWindow;
}

const { edges, operations } = emptyWindow();

/** Puts the windows of each service together; by `nodeId`. */
export function mergeActivities(
  windows: readonly SourceWindow[],
): Map<string, ServiceActivity> {
  const merged = new Map<string, ServiceActivity>();
  for (const { service, window } of windows) {
    const id = nodeId(service);
    const known = merged.get(id) ??
      { id, identity: service, activity: emptyWindow() };
    merged.set(id, known);
    mergeWindow(known.activity, { ...window, edges, operations });
  }
  return merged;
}
