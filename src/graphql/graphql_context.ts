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
}

/** What the fields of a new request share: nothing is remembered beyond it. */
export function graphqlContext(
  asking: Asking,
  requestId: string,
): GraphqlContext {
  const budget = new QueryBudget();
  return {
    asking,
    budget,
    views: new MapViews(asking, budget),
    loaders: new Loaders(asking, budget),
    requestId,
  };
}
