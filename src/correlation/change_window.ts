/** Minutes around a change, as minutes of a series. */
export interface ChangeWindow {
  /** The minute of the change. */
  readonly at: number;
  /** Minutes before it that are the baseline. */
  readonly before: number;
  /** Minutes after it, its own included. */
  readonly after: number;
}

/** The shortest time after a change that says anything, minutes. */
export const MIN_AFTER_MINUTES = 5;
/** Minutes from one placebo change to the next. */
export const PLACEBO_STEP_MINUTES = 5;
/** Other times that one effect is compared with. */
export const MAX_PLACEBOS = 300;
/** Other times, none of them in another, without which chance is not known. */
export const MIN_INDEPENDENT_PLACEBOS = 10;

/**
 * The minutes at which a change is imagined, to learn what chance does: all
 * over the series, but for those whose window reaches into the minutes after
 * the true change.
 *
 * @returns At most `MAX_PLACEBOS`, evenly spread.
 *
 * @example
 * ```ts
 * import { placeboMinutes } from "../src/correlation/change_window.ts";
 *
 * expect(placeboMinutes({ at: 50, before: 10, after: 10 }, 100))
 *   .toEqual([10, 15, 20, 25, 30, 35, 40, 70, 75, 80, 85, 90]);
 * ```
 */
export function placeboMinutes(
  { at, before, after }: ChangeWindow,
  minutes: number,
): readonly number[] {
  const found: number[] = [];
  const last = minutes - after;
  for (let other = before; other <= last; other += PLACEBO_STEP_MINUTES) {
    if (other + after <= at || other - before >= at + after) found.push(other);
  }
  if (found.length <= MAX_PLACEBOS) return found;
  const step = found.length / MAX_PLACEBOS;
  return Array.from(
    { length: MAX_PLACEBOS },
    (_, index) => found[Math.floor(index * step)] ?? 0,
  );
}

/** How many of so many placebos share no minute after them, about. */
export function independentPlaceboCount(
  { after }: Pick<ChangeWindow, "after">,
  placebos: number,
): number {
  return Math.min(
    placebos,
    placebos * PLACEBO_STEP_MINUTES / Math.max(1, after),
  );
}
