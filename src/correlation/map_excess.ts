import type { ChangeWindow } from "./change_window.ts";
import { type Excess, excessOf } from "./excess.ts";
import type { Component, MapComponents } from "./map_components.ts";
import type { RatioSeries } from "./ratio_series.ts";

/** What an excess is of: time or failed requests. */
export type Mode = "time" | "failures";

/** A part of the map and what it did. */
export interface PartExcess {
  readonly part: Component;
  readonly excess: Excess;
}

/** One event more, as a sum, by mode. */
const RESOLUTION = { time: 0, failures: 2 } as const;

/** What parts of a map did in some minutes beyond what they did before. */
export function mapExcess(
  parts: readonly Component[],
  { window, mode }: { readonly window: ChangeWindow; readonly mode: Mode },
): PartExcess[] {
  return parts.map((part) => ({
    part,
    excess: excessOf(seriesOf(part, mode), window, RESOLUTION[mode]),
  }));
}

/** The figure of a part that shows an excess of a mode. */
export function seriesOf(
  { time, failures }: Component,
  mode: Mode,
): RatioSeries {
  return mode === "time" ? time() : failures();
}

/**
 * All nodes that a node waits for, itself included, by the calls of its spans.
 */
export function nodesBelow(
  start: string,
  called: MapComponents["called"],
): ReadonlySet<string> {
  const below = new Set([start]);
  for (const node of below) {
    for (const { to } of called.get(node) ?? []) below.add(to);
  }
  return below;
}

/** Whether a part is one of those that make what a node serves slow. */
export function isBelow(
  { kind, node, from }: Component,
  below: ReadonlySet<string>,
): boolean {
  return kind === "network" ? below.has(from) : below.has(node);
}
