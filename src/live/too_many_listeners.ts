import { HttpProblem } from "../http/http_problem.ts";
import { LISTENERS_RETRY_S, MAX_LISTENERS } from "./live_limits.ts";

/** The problem of one listener more than `MAX_LISTENERS`: status 429. */
export function tooManyListeners(): HttpProblem {
  return new HttpProblem(
    429,
    `Cannot take more than ${MAX_LISTENERS} listeners: come again after the ` +
      "time in Retry-After",
    { headers: { "retry-after": String(LISTENERS_RETRY_S) } },
  );
}
