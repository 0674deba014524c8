import type { SourceWindow } from "../history/source_window.ts";
import { nodeId } from "../map/node_identity.ts";
import { mergeActivities } from "../query/service_activity.ts";
import { sumEdges } from "../query/service_graph.ts";

/**
 * The minutes of one service with all but the newest added up: they change
 * seldom, and adding them up is most of the work on a map.
 */
export class SummedMinutes {
  #older: readonly SourceWindow[] = [];
  #sum: SourceWindow | null = null;

  /**
   * Two windows at the most, which together are the same.
   *
   * @param minutes Of the one service, in order of time. A minute that has
   *   changed is another object.
   */
  of(minutes: readonly SourceWindow[]): readonly SourceWindow[] {
    const newest = minutes.at(-1);
    const older = minutes.slice(0, -1);
    const [first] = older;
    if (first === undefined || newest === undefined) return minutes;
    const isKnown = older.length === this.#older.length &&
      older.every(({ window }, at) => window === this.#older[at]?.window);
    if (!isKnown || this.#sum === null) this.#sum = sumOf(first, older);
    this.#older = older;
    return [this.#sum, newest];
  }
}

function sumOf(
  first: SourceWindow,
  minutes: readonly SourceWindow[],
): SourceWindow {
  const activity = mergeActivities(minutes).get(nodeId(first.service))
    ?.activity ?? first.window;
  return { ...first, window: { ...activity, edges: sumEdges(minutes) } };
}
