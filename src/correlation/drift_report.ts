import { benjaminiHochberg } from "./benjamini_hochberg.ts";
import { blamed } from "./blame.ts";
import { type ChangeWindow, MIN_AFTER_MINUTES } from "./change_window.ts";
import type { Change, CorrelationInput } from "./correlation_input.ts";
import { driftReasons } from "./drift_reasons.ts";
import {
  type DriftFinding,
  EARLY_NOTHING,
  type JudgedEffect,
} from "./drift_finding.ts";
import { driftVerdict } from "./drift_verdict.ts";
import { Links } from "./links.ts";
import { lostCallees } from "./lost_callees.ts";
import { mapComponents } from "./map_components.ts";
import { measuredEffects } from "./measured_effects.ts";
import { measuredPlaces } from "./measured_places.ts";
import { serviceFindings } from "./service_findings.ts";

const MS_PER_MINUTE = 60_000;
const MS_PER_S = 1000;

/** What is asked of a change. */
export interface DriftQuestion {
  readonly change: Change;
  /** Minutes before and after it that are compared. */
  readonly windowMinutes: number;
}

/**
 * What a change did to the services that it can touch, and how sure that is.
 *
 * @param input The series should hold the window and, for what chance does,
 *   hours of the days before.
 */
export function correlateDrift(
  input: CorrelationInput,
  { change, windowMinutes }: DriftQuestion,
): DriftFinding {
  const { series } = input;
  const links = new Links(input);
  const touched = links.touchedBy(change);
  const at = minuteOf(change.timeMs, series);
  const window: ChangeWindow = {
    at,
    before: windowMinutes,
    after: Math.min(windowMinutes, series.minutes - at),
  };
  const nothing = { window, touched, ...EARLY_NOTHING };
  if (touched.size === 0 || window.after < MIN_AFTER_MINUTES) {
    return {
      ...nothing,
      reasons: driftReasons({ ...nothing, change, question: windowMinutes }),
    };
  }
  const lost = lostCallees(series.edges, window);
  const map = mapComponents(series, { at, lost });
  const { places, controls } = measuredPlaces(series.edges, {
    touched,
    map,
    at,
  });
  const seen = places.flatMap((place) => measuredEffects(place, window));
  const qValues = weightedQ(seen);
  const judged = seen.map((effect, index): JudgedEffect => {
    const q = qValues[index] ?? 1;
    return { ...effect, q, blame: null };
  });
  const effects = blamed(judged, { input, change, links, map, window });
  const finding = {
    window,
    touched,
    controls,
    effects: effects.toSorted((a, b) => a.q - b.q),
    services: serviceFindings(effects, { touched, map }),
    ...driftVerdict(effects),
  };
  return {
    ...finding,
    reasons: driftReasons({ ...finding, change, question: windowMinutes }),
  };
}

/**
 * The share of false finds of each effect. What is closely linked to the change
 * may be found with less than what it barely reaches.
 *
 * Source: Genovese, Roeder and Wasserman 2006, "False discovery control with
 * p-value weighting": weights that are fixed beforehand, of mean 1.
 */
function weightedQ(
  effects: readonly { readonly p: number; readonly closeness: number }[],
): number[] {
  const squares = effects.map(({ closeness }) => closeness ** 2);
  const mean = squares.reduce((sum, square) => sum + square, 0) /
    squares.length;
  return benjaminiHochberg(
    effects.map(({ p }, at) => Math.min(1, p * mean / (squares[at] ?? mean))),
  );
}

/** The minute of a series that a moment is in; may be outside of it. */
export function minuteOf(
  timeMs: number,
  { startS }: { readonly startS: number },
): number {
  return Math.floor((timeMs - startS * MS_PER_S) / MS_PER_MINUTE);
}
