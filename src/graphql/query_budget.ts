import { HttpProblem } from "../http/http_problem.ts";
import {
  MAX_MAP_WINDOWS,
  MAX_REPORTS_MADE,
  MAX_WHOLE_TRACES,
} from "./graphql_limits.ts";

const ALLOWED = {
  windows: [MAX_MAP_WINDOWS, "windows of the map"],
  reports: [MAX_REPORTS_MADE, "reports that are made for it"],
  traces: [MAX_WHOLE_TRACES, "traces with their spans"],
} as const;

/** What one query may have done that takes much, whatever its form. */
export class QueryBudget {
  readonly #taken = new Map<keyof typeof ALLOWED, number>();

  /**
   * Takes a part of what is allowed.
   *
   * @throws {HttpProblem} 400 where it is more.
   *
   * @example
   * ```ts
   * import { MAX_REPORTS_MADE } from "../src/graphql/graphql_limits.ts";
   * import { QueryBudget } from "../src/graphql/query_budget.ts";
   *
   * const budget = new QueryBudget();
   * budget.take("reports", MAX_REPORTS_MADE);
   * expect(() => budget.take("reports")).toThrow("at most");
   * ```
   */
  take(what: keyof typeof ALLOWED, count = 1): void {
    const [most, words] = ALLOWED[what];
    const taken = (this.#taken.get(what) ?? 0) + count;
    if (taken > most) {
      throw new HttpProblem(
        400,
        `A query may have at most ${most} ${words}: ask for the others with ` +
          "another one",
      );
    }
    this.#taken.set(what, taken);
  }

  /** Allows as much as at the beginning. */
  renew(): void {
    this.#taken.clear();
  }
}
