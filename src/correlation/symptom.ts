import type { MapSeries, RequestSeries } from "../series/map_series.ts";
import type { ChangeWindow } from "./change_window.ts";
import { type Excess, excessOf } from "./excess.ts";
import type { Mode } from "./map_excess.ts";
import { minuteLevels } from "./measured_effects.ts";
import { type Onset, onset } from "./onset.ts";
import { RatioSeries } from "./ratio_series.ts";

/** Minutes before an incident in which its onset is looked for. */
export const ONSET_SEARCH_MINUTES = 60;
/** How much later than its onset an incident may be noticed, minutes. */
export const ONSET_DOUBT_MINUTES = 10;
/** Minutes before the onset that are the baseline. */
export const BASELINE_MINUTES = 60;

/** What is wrong with a service, and since when. */
export interface SymptomFinding {
  readonly mode: Mode;
  /** From the onset to the incident's end. */
  readonly window: ChangeWindow;
  readonly onset: Pick<Onset, "minute" | "earliest" | "latest">;
  readonly excess: Excess;
  /** Time a request (ns), or failed by requests, before and after. */
  readonly before: number;
  readonly after: number;
}

/** An incident, as minutes of a series. */
export interface IncidentMinutes {
  /** `nodeId`. */
  readonly service: string;
  readonly start: number;
  /** The first minute that is no more of it. */
  readonly end: number;
}

/**
 * What became worse at a service around an incident: its requests' time or
 * their failures, whichever is less likely to be chance.
 *
 * @param at Since when; where it is left out, since the minute that most likely
 *   is the onset.
 * @returns null where nothing rose, or nothing is known.
 */
export function findSymptom(
  series: MapSeries,
  incident: IncidentMinutes,
  at?: number,
): SymptomFinding | null {
  const requests = requestsOf(series, incident.service);
  if (requests === null) return null;
  const { count, failed, sumNs } = requests;
  const found = ([
    ["failures", new RatioSeries(failed, count), 2],
    ["time", new RatioSeries(sumNs, count), 0],
  ] as const).flatMap(([mode, figure, resolution]) => {
    const began = at === undefined
      ? onsetOf(figure, incident)
      : { ...doubtfulOnset(incident), minute: at };
    if (began === null) return [];
    const window = {
      at: began.minute,
      before: Math.min(BASELINE_MINUTES, began.minute),
      after: incident.end - began.minute,
    };
    const symptom: SymptomFinding = {
      mode,
      window,
      onset: began,
      excess: excessOf(figure, window, resolution),
      before: figure.mean(window.at - window.before, window.at),
      after: figure.mean(window.at, incident.end),
    };
    return symptom.excess.excess > 0 ? [symptom] : [];
  });
  return found.toSorted((a, b) => a.excess.p - b.excess.p)[0] ?? null;
}

/** When an incident began, where nothing but its start tells. */
export function doubtfulOnset(
  { start }: Pick<IncidentMinutes, "start">,
): Pick<Onset, "minute" | "earliest" | "latest"> {
  const earliest = Math.max(0, start - ONSET_DOUBT_MINUTES);
  return { minute: start, earliest, latest: start };
}

/**
 * When a figure rose before an incident's start, or right at it; null where it
 * did not.
 */
export function onsetOf(
  figure: RatioSeries,
  { start, end }: Pick<IncidentMinutes, "start" | "end">,
): Onset | null {
  const from = Math.max(0, start - ONSET_SEARCH_MINUTES);
  const found = onset(minuteLevels(figure, from, end), start + 1 - from);
  if (found === undefined || found.change <= 0) return null;
  return {
    ...found,
    minute: found.minute + from,
    earliest: found.earliest + from,
    latest: found.latest + from,
  };
}

/** What a node serves; of one that sends no spans, what its callers saw. */
function requestsOf(
  { services, edges, minutes }: MapSeries,
  node: string,
): Pick<RequestSeries, "count" | "failed" | "sumNs"> | null {
  const own = services.find(({ id }) => id === node);
  if (own !== undefined) return own.requests;
  const calls = edges.filter(({ to }) => to === node);
  if (calls.length === 0) return null;
  const sum = {
    count: new Float32Array(minutes),
    failed: new Float32Array(minutes),
    sumNs: new Float32Array(minutes),
  };
  for (const edge of calls) {
    for (const name of ["count", "failed", "sumNs"] as const) {
      edge.calls[name].forEach((value, minute) => {
        sum[name][minute] = (sum[name][minute] ?? 0) + value;
      });
    }
  }
  return sum;
}
