import { type AnswerPlan, answerPlan } from "../query/answer_plan.ts";
import { DEFAULT_RANGE_MS } from "../query/time_range.ts";

/** The window of `GET /api/v1/servicemap` where no time is asked for. */
export function livePlan(nowMs: number): AnswerPlan {
  return answerPlan({ startMs: nowMs - DEFAULT_RANGE_MS, endMs: nowMs }, nowMs);
}
