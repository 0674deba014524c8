import type { ParameterProblem } from "../http/http_problem.ts";
import { type AskedTime, timeMs } from "./parse_time.ts";

/** The window where a request names none: 5 minutes, ms. */
export const DEFAULT_RANGE_MS = 5 * 60_000;
/** The longest window, days: two years, one of them a leap year. */
export const MAX_RANGE_DAYS = 731;

const MS_PER_DAY = 86_400_000;

/** From when to when an answer is asked for, ms since the epoch. */
export interface TimeRange {
  readonly startMs: number;
  /** May be in the future: what has not happened yet has no spans. */
  readonly endMs: number;
}

/** A range, or what is wrong with the parameters that should give one. */
export type TimeRangeResult =
  | { readonly ok: true; readonly range: TimeRange }
  | { readonly ok: false; readonly problems: readonly ParameterProblem[] };

/** The two parameters; either may be left out. */
export interface AskedRange {
  readonly start?: AskedTime | undefined;
  readonly end?: AskedTime | undefined;
}

/** What a range is where a parameter is left out. */
export interface TimeRangeOptions {
  /** How long before the end it starts, ms. @default {DEFAULT_RANGE_MS} */
  readonly defaultMs?: number;
}

/**
 * The range that `start` and `end` name: `end` is now where it is left out,
 * `start` five minutes, or `defaultMs`, before `end`.
 *
 * @example The last hour
 * ```ts
 * import { timeRange } from "../src/query/time_range.ts";
 *
 * expect(timeRange({ start: { kind: "ago", ms: 3_600_000 } }, 7_200_000))
 *   .toEqual({ ok: true, range: { startMs: 3_600_000, endMs: 7_200_000 } });
 * ```
 */
export function timeRange(
  asked: AskedRange,
  nowMs: number,
  { defaultMs = DEFAULT_RANGE_MS }: TimeRangeOptions = {},
): TimeRangeResult {
  const endMs = asked.end === undefined ? nowMs : timeMs(asked.end, nowMs);
  const startMs = asked.start === undefined
    ? endMs - defaultMs
    : timeMs(asked.start, nowMs);
  const range = { startMs, endMs };
  const problem = rangeProblem(asked, range, nowMs);
  return problem === undefined
    ? { ok: true, range }
    : { ok: false, problems: [problem] };
}

function rangeProblem(
  asked: AskedRange,
  { startMs, endMs }: TimeRange,
  nowMs: number,
): ParameterProblem | undefined {
  // Where only `end` is given, it is `end` that puts `start` where it is.
  const early = asked.start === undefined
    ? { parameter: "end", value: timeText(endMs) }
    : { parameter: "start", value: timeText(startMs) };
  if (startMs >= nowMs) {
    return {
      ...early,
      problem: "the window must start before now, which is " + timeText(nowMs),
    };
  }
  if (endMs <= startMs) {
    return {
      parameter: "end",
      value: timeText(endMs),
      problem: "must be after start, which is " + timeText(startMs),
    };
  }
  if (endMs - startMs > MAX_RANGE_DAYS * MS_PER_DAY) {
    return {
      ...early,
      problem: `the window must be at most ${MAX_RANGE_DAYS} days long; ` +
        `it ends ${timeText(endMs)}`,
    };
  }
  return undefined;
}

function timeText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString();
}
