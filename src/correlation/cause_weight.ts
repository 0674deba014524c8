import type { Change } from "./correlation_input.ts";
import type { Component } from "./map_components.ts";
import type { Onset } from "./onset.ts";
import type { Touch } from "./touched_nodes.ts";

/** An effect may show so many minutes before its cause is recorded. */
export const EARLIEST_ONSET_MINUTES = -1;
/** An effect of a change starts within so many minutes. */
export const LATEST_ONSET_MINUTES = 10;
/** How many minutes too early an estimated onset may be. */
export const ONSET_ERROR_MINUTES = 5;
/** What a cause that nobody told of weighs beside those that were told. */
export const UNKNOWN_CAUSE_WEIGHT = 0.25;

/** Beyond `LATEST_ONSET_MINUTES`, how fast a cause becomes unlikely, minutes. */
const LAG_DECAY_MINUTES = 20;
const LATE_WEIGHT = 0.6;
const WEIGHT_LOST_A_MINUTE = 0.02;
const EARLY_WEIGHT = 0.3;
/** A change of another sort than what broke. */
const OTHER_SORT_WEIGHT = 0.5;

/** How long after a change something began, minutes; from and to. */
export interface Lag {
  readonly least: number;
  readonly most: number;
}

/** The lag of an onset that is known within some minutes. */
export function lagOf(
  onset: Pick<Onset, "earliest" | "latest">,
  changeMinute: number,
): Lag {
  return {
    least: onset.earliest - changeMinute,
    most: onset.latest - changeMinute,
  };
}

/** Whether something began when an effect of a change would. */
export function isTimely({ least, most }: Lag): boolean {
  return most >= EARLIEST_ONSET_MINUTES && least <= LATEST_ONSET_MINUTES;
}

/**
 * How well the time of a change fits what began after it, 0 to 1; 0 where it
 * came after.
 */
export function timeWeight({ least, most }: Lag): number {
  if (most < EARLIEST_ONSET_MINUTES) return 0;
  const lag = Math.max(0, least);
  if (lag <= LATEST_ONSET_MINUTES) return 1 - WEIGHT_LOST_A_MINUTE * lag;
  return LATE_WEIGHT *
    Math.exp(-(lag - LATEST_ONSET_MINUTES) / LAG_DECAY_MINUTES);
}

/**
 * The same for an onset that is estimated from few minutes, where bursts and
 * low traffic can make it seem some minutes early: a change right after it is
 * unlikely, and not ruled out.
 */
export function doubtfulTimeWeight(lag: Lag): number {
  const isDoubtful = lag.most < EARLIEST_ONSET_MINUTES &&
    lag.most >= -ONSET_ERROR_MINUTES;
  return isDoubtful ? EARLY_WEIGHT : timeWeight(lag);
}

/**
 * How closely a change is linked to a part of the map, 0 to 1: as its nodes
 * are touched, less where the change is of a sort that breaks other things.
 */
export function linkWeight(
  change: Change,
  { component, touched }: {
    readonly component: Component;
    readonly touched: ReadonlyMap<string, Touch>;
  },
): number {
  const { kind, node, from } = component;
  const weight = Math.max(
    touched.get(node)?.weight ?? 0,
    kind === "network" ? touched.get(from)?.weight ?? 0 : 0,
  );
  const isWay = kind === "network";
  // What is called and tells nothing can be slow, or hard to get to.
  if (kind === "callee" || isWay === isNetworkChange(change)) return weight;
  return weight * OTHER_SORT_WEIGHT;
}

const NETWORK_RESOURCE =
  /(^|[:_-])(sg|security[_-]?group|subnet|vpc|route|route[_-]?table|nacl|network[_-]?acl|eni|nat|igw|gateway|elb|alb|nlb|lb|load[_-]?balancer|firewall|peering|dns|networkpolicy|ingress)/i;

/** Whether what was changed is a way, rather than what is at its end. */
export function isNetworkChange({ resourceIds }: Change): boolean {
  return NETWORK_RESOURCE.test(resourceIds[0] ?? "");
}
