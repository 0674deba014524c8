import type { MapSeries } from "../series/map_series.ts";
import type { ChangeWindow } from "./change_window.ts";
import type { LocatedRoot } from "./incident_finding.ts";
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
  BASELINE_MINUTES,
  findSymptom,
  type IncidentMinutes,
  onsetOf,
  type SymptomFinding,
} from "./symptom.ts";

/** Roots of one symptom that are told. */
export const MAX_ROOTS = 5;

/** Before an incident's start, when its parts may have begun, minutes. */
const START_LEADS = [0, 5, 10] as const;
const SURPRISE_LEAD_MINUTES = 5;
/** Digits of chance that are certainty enough. */
const CERTAIN_DIGITS = 3;

/** What is wrong, and where it sits. */
export interface Located {
  readonly symptom: SymptomFinding | null;
  readonly map: MapComponents;
  readonly roots: readonly LocatedRoot[];
}

/**
 * What is wrong and where it sits. A busy service's own figure may hide its
 * onset; where nothing is found since then, it is looked for since the
 * incident's start, and some minutes before it.
 */
export function lookAround(
  series: MapSeries,
  incident: IncidentMinutes,
): Located {
  const first = lookSince(series, incident, { looks: 1 });
  if (first.roots.length > 0) return first;
  const looks = START_LEADS.length;
  for (const lead of START_LEADS) {
    const at = Math.max(0, incident.start - lead);
    const next = lookSince(series, incident, { looks, at });
    if (next.roots.length > 0) return next;
  }
  return first;
}

function lookSince(
  series: MapSeries,
  incident: IncidentMinutes,
  { looks, at }: { readonly looks: number; readonly at?: number },
): Located {
  const symptom = findSymptom(series, incident, at);
  const window = symptom?.window ?? windowSince(incident, incident.start);
  const lost = lostCallees(series.edges, window);
  const map = mapComponents(series, { at: window.at, lost });
  const roots = symptom === null
    ? []
    : locate(map, { incident, symptom, looks });
  return { symptom, map, roots };
}

function windowSince({ end }: IncidentMinutes, at: number): ChangeWindow {
  return { at, before: Math.min(at, BASELINE_MINUTES), after: end - at };
}

/**
 * How little chance there is that each node's parts are as usual, 0 to 1; for
 * an incident that sits nowhere for sure.
 */
export function surprises(
  map: MapComponents,
  incident: IncidentMinutes,
): ReadonlyMap<string, number> {
  const at = Math.max(0, incident.start - SURPRISE_LEAD_MINUTES);
  const window = windowSince(incident, at);
  const byNode = new Map<string, number>();
  for (const mode of ["time", "failures"] as const) {
    for (
      const { part, excess } of mapExcess(map.components, { window, mode })
    ) {
      const surprise = Math.min(1, -Math.log10(excess.p) / CERTAIN_DIGITS);
      for (const node of [part.node, part.from]) {
        byNode.set(node, Math.max(byNode.get(node) ?? 0, surprise));
      }
    }
  }
  return byNode;
}

/** Where the symptom's excess sits, below the service. */
function locate(
  map: MapComponents,
  { incident, symptom, looks }: {
    readonly incident: IncidentMinutes;
    readonly symptom: SymptomFinding;
    readonly looks: number;
  },
): LocatedRoot[] {
  const below = nodesBelow(incident.service, map.called);
  const modes: readonly Mode[] = symptom.mode === "failures"
    ? ["failures", "time"]
    : ["time", "failures"];
  for (const mode of modes) {
    const parts = mapExcess(
      map.components.filter((part) => isBelow(part, below)),
      { window: symptom.window, mode },
    );
    // Of another mode there is no symptom to explain: the most is all of it.
    const excess = mode === symptom.mode
      ? symptom.excess
      : { excess: Math.max(...parts.map((one) => one.excess.excess)), p: 1 };
    const roots = rankRoots(parts, { ...excess, looks }).slice(0, MAX_ROOTS);
    if (roots.length === 0) continue;
    return roots.map((root) => ({
      ...root,
      mode,
      onset: onsetOf(seriesOf(root.part, mode), incident) ?? symptom.onset,
    }));
  }
  return [];
}
