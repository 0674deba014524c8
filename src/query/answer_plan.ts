import { HISTORY_RETENTION_S } from "../history/retention.ts";
import {
  ceilTo,
  DAY_S,
  floorTo,
  HOUR_S,
  MINUTE_S,
  type WindowRange,
} from "../history/window_range.ts";
import { planRanges, type RangePlan } from "../history/window_ranges.ts";
import type { AnswerWindow } from "./answer_window.ts";
import { timeText } from "./figures.ts";
import type { TimeRange } from "./time_range.ts";

/**
 * How far beyond now a window that is not over reads, s: a sender whose clock
 * is a little ahead counts in the minute to come.
 */
export const OPEN_WINDOW_LEAD_S = 60;

const MS_PER_S = 1000;

/** What is read for an answer, and what the answer says it is about. */
export interface AnswerPlan {
  readonly window: AnswerWindow;
  readonly ranges: readonly WindowRange[];
}

/**
 * Decides which windows an answer is made from: whole minutes, and hours or
 * days where minutes are not kept any more; warnings say where that makes a
 * difference to what was asked for.
 */
export function answerPlan(
  { startMs, endMs }: TimeRange,
  nowMs: number,
): AnswerPlan {
  const nowS = nowMs / MS_PER_S;
  const startS = startMs / MS_PER_S;
  const endS = Math.min(endMs, nowMs) / MS_PER_S;
  const lastS = endMs < nowMs ? endS : nowS + OPEN_WINDOW_LEAD_S;
  const plan = planRanges(startS, lastS, nowS);
  const asked: RangePlan = {
    startS: floorTo(startS, MINUTE_S),
    endS: ceilTo(lastS, MINUTE_S),
    ranges: [],
  };
  const firstMs = plan.startS * MS_PER_S;
  return {
    window: {
      startMs: firstMs,
      endMs: Math.max(firstMs, Math.min(plan.endS * MS_PER_S, nowMs)),
      nowMs,
      warnings: planWarnings(plan, asked),
    },
    ranges: plan.ranges,
  };
}

function planWarnings(plan: RangePlan, asked: RangePlan): string[] {
  const warnings: string[] = [];
  const startText = timeText(plan.startS * MS_PER_S);
  if (plan.startS > asked.startS) {
    const days = HISTORY_RETENTION_S[DAY_S] / DAY_S;
    warnings.push(
      `What is older than ${days} days is not kept: the answer starts at ` +
        startText,
    );
  }
  if (plan.startS < asked.startS) {
    warnings.push(`${coarse()}: the answer starts at ${startText} already`);
  }
  if (plan.endS > asked.endS && plan.ranges.length > 0) {
    const endText = timeText(plan.endS * MS_PER_S);
    warnings.push(`${coarse()}: the answer ends at ${endText} only`);
  }
  return warnings;
}

function coarse(): string {
  return `Minutes are kept for ${HISTORY_RETENTION_S[MINUTE_S] / DAY_S} days ` +
    `and hours for ${HISTORY_RETENTION_S[HOUR_S] / DAY_S}`;
}
