import {
  doubtfulTimeWeight,
  lagOf,
  UNKNOWN_CAUSE_WEIGHT,
} from "./cause_weight.ts";
import type { Change, CorrelationInput } from "./correlation_input.ts";
import { minuteOf } from "./drift_report.ts";
import type {
  IncidentFinding,
  LocatedRoot,
  RankedChange,
} from "./incident_finding.ts";
import { candidateReasons } from "./incident_reasons.ts";
import { Links } from "./links.ts";
import { lookAround, surprises } from "./look_around.ts";
import type { MapComponents } from "./map_components.ts";
import { nodesBelow } from "./map_excess.ts";
import { doubtfulOnset, type IncidentMinutes } from "./symptom.ts";
import type { Touch } from "./touched_nodes.ts";

/** How long before an onset a change may have come, minutes. */
export const MAX_LAG_MINUTES = 360;
/** Candidates of one incident; the likeliest. */
export const MAX_CANDIDATES = 50;

/** What a candidate keeps that touches the path, and not its root. */
const ON_PATH_WEIGHT = 0.1;
/** What one keeps that touches what is as usual. */
const LEAST_SURPRISE = 0.2;
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
  const { symptom, map, roots } = lookAround(series, incident);
  const links = new Links(input);
  const surprise = roots.length > 0 ? null : surprises(map, incident);
  const asked = { incident, roots, map, links, surprise };
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

interface Asked {
  readonly incident: IncidentMinutes;
  readonly roots: readonly LocatedRoot[];
  readonly map: MapComponents;
  readonly links: Links;
  /** By `nodeId`; null where there are roots. */
  readonly surprise: ReadonlyMap<string, number> | null;
}

/** null: it came after, or too long before. */
function weigh(
  change: Change,
  minute: number,
  { incident, roots, map, links, surprise }: Asked,
): RankedChange | null {
  // What sits nowhere may be another's noise: then its start alone is sure.
  const began = roots[0]?.onset ?? doubtfulOnset(incident);
  const lag = lagOf(began, minute);
  const time = doubtfulTimeWeight(lag);
  if (time === 0 || lag.least > MAX_LAG_MINUTES) return null;
  const explained = roots.reduce((sum, root) => sum + root.explained, 0);
  const atRoots = roots.reduce(
    (sum, { part, onset, explained: share }) =>
      sum + share * links.weight(change, part) *
        doubtfulTimeWeight(lagOf(onset, minute)),
    0,
  ) / Math.max(explained, 1e-9);
  const below = nodesBelow(incident.service, map.called);
  const touched = links.reachedBy(change);
  const onPath = [...touched.values()]
    .filter(({ node }) => below.has(node))
    .map((one) => ({ ...one, seen: one.weight * surpriseOf(one, surprise) }))
    .toSorted((a, b) => b.seen - a.seen)[0];
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
      (ON_PATH_WEIGHT * (onPath?.seen ?? 0) + UNLINKED_WEIGHT) * time,
  };
}

function surpriseOf(
  { node }: Touch,
  surprise: ReadonlyMap<string, number> | null,
): number {
  return surprise === null
    ? 1
    : LEAST_SURPRISE + (1 - LEAST_SURPRISE) * (surprise.get(node) ?? 0);
}
