import type { Asking } from "../query/asking.ts";
import { Loaders } from "./loaders.ts";
import { MapViews } from "./map_views.ts";
import { QueryBudget } from "./query_budget.ts";

/** What the fields of one request share. */
export interface GraphqlContext {
  readonly asking: Asking;
  readonly budget: QueryBudget;
  readonly views: MapViews;
  readonly loaders: Loaders;
  /** Goes with faults, in the answer and in the log. */
  readonly requestId: string;
  /** Forgets what was loaded: an event of a subscription is a new question. */
  readonly renew: (nowMs: number) => void;
}

/** What the fields of a new request share: nothing is remembered beyond it. */
export function graphqlContext(
  asking: Asking,
  requestId: string,
): GraphqlContext {
  const current = { ...asking };
  const budget = new QueryBudget();
  const views = new MapViews(current, budget);
  const loaders = new Loaders(current, budget);
  function renew(nowMs: number): void {
    current.nowMs = nowMs;
    budget.renew();
    views.clear();
    loaders.clear();
  }
  return { asking: current, budget, views, loaders, requestId, renew };
}
