import { timeText } from "./figures.ts";

/** The window that an answer is made from. */
export interface AnswerWindow {
  /** Start of its first minute, hour or day, ms since the epoch. */
  readonly startMs: number;
  /** End of its last, or now where that is in the future, ms. */
  readonly endMs: number;
  /** When it was asked for, ms. */
  readonly nowMs: number;
  /** Where it holds less than was asked for, and why. */
  readonly warnings: readonly string[];
}

/** What every answer about a window says of it. */
export function windowFigures(
  window: AnswerWindow,
  warnings: readonly string[] = [],
): {
  window_start: string;
  window_end: string;
  timestamp: string;
  warnings: string[];
} {
  return {
    window_start: timeText(window.startMs),
    window_end: timeText(window.endMs),
    timestamp: timeText(window.nowMs),
    warnings: [...window.warnings, ...warnings],
  };
}
