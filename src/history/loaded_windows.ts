import { nodeId } from "../map/node_identity.ts";
import { emptyWindow } from "../map/service_window.ts";
import { mergeWindow } from "../map/merge_window.ts";
import type { SourceWindow } from "./source_window.ts";

/** Windows that are held apart; with more, those of a service are added up. */
export const MAX_LOADED_WINDOWS = 2000;

/**
 * Collects windows in bounded memory: where there are too many, each service
 * has a single one, from the start of its first to the end of its last.
 */
export class LoadedWindows {
  readonly #most: number;
  #windows: SourceWindow[] = [];
  #services = 0;

  /** @param most Windows that are held apart. */
  constructor(most: number = MAX_LOADED_WINDOWS) {
    this.#most = most;
  }

  /** Adds a window. */
  add(window: SourceWindow): void {
    this.#windows.push(window);
    if (this.#windows.length > this.#most + this.#services) {
      this.#windows = addUp(this.#windows);
      this.#services = this.#windows.length;
    }
  }

  /** All windows, in no order. */
  all(): SourceWindow[] {
    return this.#windows;
  }
}

function addUp(windows: readonly SourceWindow[]): SourceWindow[] {
  const byService = new Map<string, SourceWindow>();
  for (const added of windows) {
    const id = nodeId(added.service);
    const known = byService.get(id);
    if (known === undefined) {
      const window = emptyWindow();
      mergeWindow(window, added.window);
      byService.set(id, { ...added, window });
      continue;
    }
    mergeWindow(known.window, added.window);
    const startS = Math.min(known.startS, added.startS);
    const endS = Math.max(
      known.startS + known.resolution,
      added.startS + added.resolution,
    );
    byService.set(id, { ...known, startS, resolution: endS - startS });
  }
  return [...byService.values()];
}
