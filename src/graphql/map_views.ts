import type { WindowRange } from "../history/window_range.ts";
import type { AnswerPlan } from "../query/answer_plan.ts";
import type { AnswerWindow } from "../query/answer_window.ts";
import type { Asking } from "../query/asking.ts";
import { askedPlan } from "../query/asked.ts";
import { loadGraph } from "../query/load_graph.ts";
import type { LoadedGraph } from "../query/load_service_graph.ts";
import type { AskedRange } from "../query/time_range.ts";
import { resourcesOf } from "../resources/listed_resources.ts";
import type { LoadedMappings } from "../resources/load_mappings.ts";
import type { QueryBudget } from "./query_budget.ts";

/** A window of the map that many fields ask. */
export interface MapView extends LoadedGraph {
  readonly window: AnswerWindow;
  readonly ranges: readonly WindowRange[];
  /** With what the addresses of calls match. */
  readonly resources: LoadedMappings;
}

/** The windows of the map that a query asks for, each loaded once. */
export class MapViews {
  readonly #asking: Asking;
  readonly #budget: QueryBudget;
  readonly #views = new Map<string, Promise<MapView>>();

  constructor(asking: Asking, budget: QueryBudget) {
    this.#asking = asking;
    this.#budget = budget;
  }

  /**
   * The window that `start` and `end` name; the last 5 minutes without them.
   *
   * @throws {HttpProblem} 400 where they name none, or the query asks for
   *   more than `MAX_MAP_WINDOWS`.
   */
  view(times: AskedRange = {}): Promise<MapView> {
    const plan = askedPlan(times, this.#asking.nowMs);
    const key = `${plan.window.startMs} ${plan.window.endMs}`;
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    this.#budget.take("windows");
    const view = this.#load(plan);
    this.#views.set(key, view);
    return view;
  }

  /** Forgets what was loaded. */
  clear(): void {
    this.#views.clear();
  }

  async #load(plan: AnswerPlan): Promise<MapView> {
    const loaded = await loadGraph(this.#asking, plan);
    return { ...loaded, ...plan, resources: resourcesOf(loaded) };
  }
}
