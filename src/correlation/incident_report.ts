import { lagOf, timeWeight, UNKNOWN_CAUSE_WEIGHT } from "./cause_weight.ts";
import type { Change, CorrelationInput } from "./correlation_input.ts";
import { minuteOf } from "./drift_report.ts";
import type {
  IncidentFinding,
  LocatedRoot,
  RankedChange,
} from "./incident_finding.ts";
import { candidateReasons } from "./incident_reasons.ts";
import { Links } from "./links.ts";
import { lostCallees } from "./lost_callees.ts";
import { type MapComponents, mapComponents } from "./map_components.ts";
import {
  isBelow,
  mapExcess,
  type Mode,
  nodesBelow,
  seriesOf,
} from "./map_excess.ts";
import { rankRoots } from "./rank_roots.ts";
import {
  findSymptom,
  type IncidentMinutes,
  onsetOf,
  type SymptomFinding,
} from "./symptom.ts";

/** How long before an onset a change may have come, minutes. */
export const MAX_LAG_MINUTES = 360;
/** Roots of one symptom that are told. */
export const MAX_ROOTS = 5;
/** Candidates of one incident; the likeliest. */
export const MAX_CANDIDATES = 50;

/** What a candidate keeps that touches the path, and not its root. */
const ON_PATH_WEIGHT = 0.1;
/** What one keeps that is linked to nothing at all. */
const UNLINKED_WEIGHT = 0.001;

/** What is asked. */
export interface IncidentQuestion {
  /** `nodeId` of the service that became slow or failing. */
  readonly service: string;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Which change made a service slow or failing: finds when it began, in which
 * part of the map below it the excess sits, and ranks the changes of the hours
 * before by how closely they are linked to that part, and by their time.
 */
export function correlateIncident(
  input: CorrelationInput,
  { service, startMs, endMs }: IncidentQuestion,
): IncidentFinding {
  const { series } = input;
  const end = Math.min(series.minutes, minuteOf(endMs, series));
  const start = Math.min(end, Math.max(0, minuteOf(startMs, series)));
  const incident = { service, start, end };
  const symptom = findSymptom(series, incident);
  const window = symptom?.window ??
    { at: start, before: Math.min(start, 60), after: end - start };
  const lost = lostCallees(series.edges, window);
  const map = mapComponents(series, { at: window.at, lost });
  const roots = symptom === null ? [] : locate(map, { incident, symptom });
  const links = new Links(input);
  const asked = { incident, symptom, roots, map, links };
  const ranked = input.changes
    .flatMap((change) => {
      const weighed = weigh(change, minuteOf(change.timeMs, series), asked);
      return weighed === null ? [] : [weighed];
    })
    .toSorted((a, b) => b.weight - a.weight || b.minute - a.minute)
    .slice(0, MAX_CANDIDATES);
  const all = ranked.reduce((sum, { weight }) => sum + weight, 0) +
    UNKNOWN_CAUSE_WEIGHT;
  return {
    symptom,
    roots,
    rootService: roots[0]?.part.node ?? null,
    candidates: ranked.map((one, index) => ({
      ...one,
      score: one.weight / all,
      rank: index + 1,
      reasons: candidateReasons(one, { symptom, roots, service }),
    })),
  };
}

/** Where the symptom's excess sits, below the service. */
function locate(
  map: MapComponents,
  { incident, symptom }: {
    readonly incident: IncidentMinutes;
    readonly symptom: SymptomFinding;
  },
): LocatedRoot[] {
  const below = nodesBelow(incident.service, map.called);
  const modes: readonly Mode[] = symptom.mode === "failures"
    ? ["failures", "time"]
    : ["time", "failures"];
  for (const mode of modes) {
    const parts = mapExcess(map, { window: symptom.window, mode })
      .filter(({ part }) => isBelow(part, below));
    // Of another mode there is no symptom to explain: the most is all of it.
    const excess = mode === symptom.mode
      ? symptom.excess
      : { excess: Math.max(...parts.map((one) => one.excess.excess)), p: 1 };
    const roots = rankRoots(parts, excess).slice(0, MAX_ROOTS);
    if (roots.length === 0) continue;
    return roots.map((root) => ({
      ...root,
      mode,
      onset: onsetOf(seriesOf(root.part, mode), incident) ?? symptom.onset,
    }));
  }
  return [];
}

interface Asked {
  readonly incident: IncidentMinutes;
  readonly symptom: SymptomFinding | null;
  readonly roots: readonly LocatedRoot[];
  readonly map: MapComponents;
  readonly links: Links;
}

/** null: it came after, or too long before. */
function weigh(
  change: Change,
  minute: number,
  { incident, symptom, roots, map, links }: Asked,
): RankedChange | null {
  const began = roots[0]?.onset ?? symptom?.onset ??
    { earliest: incident.start, latest: incident.start };
  const lag = lagOf(began, minute);
  const time = timeWeight(lag);
  if (time === 0 || lag.least > MAX_LAG_MINUTES) return null;
  const explained = roots.reduce((sum, root) => sum + root.explained, 0);
  const atRoots = roots.reduce(
    (sum, { part, onset, explained: share }) =>
      sum + share * links.weight(change, part) *
        timeWeight(lagOf(onset, minute)),
    0,
  ) / Math.max(explained, 1e-9);
  const below = nodesBelow(incident.service, map.called);
  const touched = links.reachedBy(change);
  const onPath = [...touched.values()]
    .filter(({ node }) => below.has(node))
    .toSorted((a, b) => b.weight - a.weight)[0];
  const root = roots[0]?.part;
  const touch = (root && (touched.get(root.node) ?? touched.get(root.from))) ??
    onPath;
  return {
    changeId: change.id,
    minute,
    lag,
    linked: touch !== undefined,
    touch: touch ?? null,
    atRoot: atRoots > 0,
    weight: atRoots +
      (ON_PATH_WEIGHT * (onPath?.weight ?? 0) + UNLINKED_WEIGHT) * time,
  };
}
