import type { ChangeWindow } from "./change_window.ts";
import {
  isTimely,
  type Lag,
  timeWeight,
  UNKNOWN_CAUSE_WEIGHT,
} from "./cause_weight.ts";
import type { Change, CorrelationInput } from "./correlation_input.ts";
import type { Blame, CompetingChange, JudgedEffect } from "./drift_finding.ts";
import { isBelieved } from "./drift_verdict.ts";
import type { Links } from "./links.ts";
import type { Component, MapComponents } from "./map_components.ts";
import {
  isBelow,
  mapExcess,
  type Mode,
  nodesBelow,
  type PartExcess,
} from "./map_excess.ts";
import { MIN_TOUCH_WEIGHT } from "./touched_nodes.ts";

const MS_PER_MINUTE = 60_000;

/** What blame is told from. */
export interface BlameOptions {
  readonly input: CorrelationInput;
  readonly change: Change;
  readonly links: Links;
  readonly map: MapComponents;
  readonly window: ChangeWindow;
}

/**
 * Says of each effect to speak of how much of it is the change's doing: how
 * much of what became slower or fails more sits in what the change touches,
 * and how the change stands beside others of that time.
 */
export function blamed(
  effects: readonly JudgedEffect[],
  options: BlameOptions,
): JudgedEffect[] {
  // Effects of the same minutes often sit in the same parts.
  const excesses = new Map<string, Map<Component, PartExcess>>();
  function excessOf(effect: JudgedEffect): readonly PartExcess[] {
    const { start, length } = effect;
    const window = { at: start, before: options.window.before, after: length };
    const mode = modeOf(effect);
    const key = `${start} ${length} ${mode}`;
    const known = excesses.get(key) ?? new Map<Component, PartExcess>();
    excesses.set(key, known);
    const parts = partsOf(effect, options.map);
    const others = parts.filter((part) => !known.has(part));
    for (const one of mapExcess(others, { window, mode })) {
      known.set(one.part, one);
    }
    return parts.flatMap((part) => known.get(part) ?? []);
  }
  return effects.map((effect) =>
    isBelieved(effect)
      ? { ...effect, blame: blameOf(effect, excessOf(effect), options) }
      : effect
  );
}

function modeOf({ metric }: JudgedEffect): Mode {
  return metric === "error_rate" || metric === "missing_callee"
    ? "failures"
    : "time";
}

function blameOf(
  effect: JudgedEffect,
  parts: readonly PartExcess[],
  { change, links, input }: BlameOptions,
): Blame {
  const below = parts.map(({ part, excess }): Beyond => ({
    part,
    beyond: Math.max(0, excess.excess - excess.chance),
  }));
  const all = below.reduce((sum, { beyond }) => sum + beyond, 0);
  const lag = effect.lag ?? { least: 0, most: 0 };
  const timely = isTimely(lag);
  const top = below.toSorted((a, b) => b.beyond - a.beyond)[0];
  // Too small to be found in one part: it is where it was seen.
  const found = all > 0 ? below : placeOf(effect, below);
  const total = found.reduce((sum, { beyond }) => sum + beyond, 0);
  const touched = found.filter(({ part }) =>
    links.weight(change, part) >= MIN_TOUCH_WEIGHT
  );
  const touchedBeyond = touched.reduce((sum, { beyond }) => sum + beyond, 0);
  const shares = causeShares(touched, { lag, change, links, input });
  return {
    touchedShare: total > 0 ? touchedBeyond / total : 0,
    causeShare: shares.own,
    timely,
    root: all > 0 ? top?.part.node ?? null : null,
    competing: shares.competing,
  };
}

interface Beyond {
  readonly part: Component;
  /** More than chance does. */
  readonly beyond: number;
}

/** The parts that an effect can sit in. */
function partsOf(
  { service, edge, callee }: JudgedEffect,
  { components, called }: MapComponents,
): Component[] {
  const start = edge === null || callee === null ? service : callee;
  const below = nodesBelow(start, called);
  return components.filter((part) =>
    isBelow(part, below) ||
    (part.kind === "network" && part.from === service && part.node === callee)
  );
}

function placeOf(
  { service, callee }: JudgedEffect,
  below: readonly Beyond[],
): Beyond[] {
  const node = callee ?? service;
  return below
    .filter(({ part }) =>
      part.node === node && (part.from === "" || part.from === service)
    )
    .map(({ part }) => ({ part, beyond: 1 }));
}

/** How the change stands among all that touch the same, as shares. */
function causeShares(
  touched: readonly Beyond[],
  { lag, change, links, input }: {
    readonly lag: Lag;
    readonly change: Change;
    readonly links: Links;
    readonly input: CorrelationInput;
  },
): { readonly own: number; readonly competing: readonly CompetingChange[] } {
  const total = touched.reduce((sum, { beyond }) => sum + beyond, 0);
  if (total <= 0) return { own: 0, competing: [] };
  function weightOf(other: Change): number {
    const later = (other.timeMs - change.timeMs) / MS_PER_MINUTE;
    const time = timeWeight({
      least: lag.least - later,
      most: lag.most - later,
    });
    if (time === 0) return 0;
    const link = touched.reduce(
      (sum, { part, beyond }) => sum + beyond * links.weight(other, part),
      0,
    ) / total;
    return time * link;
  }
  const others = input.changes
    .filter(({ id }) => id !== change.id)
    .map((other) => ({ id: other.id, weight: weightOf(other) }))
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight);
  const own = weightOf(change);
  const all = others.reduce((sum, { weight }) => sum + weight, own) +
    UNKNOWN_CAUSE_WEIGHT;
  return {
    own: own / all,
    competing: others.map(({ id, weight }) => ({ id, share: weight / all })),
  };
}
