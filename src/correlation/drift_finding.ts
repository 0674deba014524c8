import type { ChangeWindow } from "./change_window.ts";
import type { Effect } from "./effect.ts";
import type { Touch } from "./touched_nodes.ts";

/** What is said of a change. */
export const VERDICTS = [
  "caused",
  "likely",
  "unlikely",
  "no_effect",
  "not_enough_data",
] as const;

/** What is said of a change. */
export type Verdict = (typeof VERDICTS)[number];

/** What part a service has in it. */
export const ROLES = [
  "critical_failure",
  "impact",
  "unrelated_concurrent",
] as const;

/** What part a service has in it. */
export type Role = (typeof ROLES)[number];

/** How much of an effect is a change's doing. */
export interface Blame {
  /** Share of the excess that sits in what the change touches, 0 to 1. */
  readonly touchedShare: number;
  /** The change's share among all that may have done it, 0 to 1. */
  readonly causeShare: number;
  /** Whether it began when an effect of the change would. */
  readonly timely: boolean;
  /** `nodeId` of where most of the excess sits; null: nowhere in particular. */
  readonly root: string | null;
  /** Other changes that may have done it, the likeliest first. */
  readonly competing: readonly CompetingChange[];
}

/** Another change that may have done the same. */
export interface CompetingChange {
  readonly id: string;
  /** Its share, 0 to 1. */
  readonly share: number;
}

/** An effect, and whose doing it is; null where it is none to speak of. */
export interface JudgedEffect extends Effect {
  readonly blame: Blame | null;
}

/** A service that changed after a change. */
export interface ServiceFinding {
  /** `nodeId`. */
  readonly service: string;
  readonly role: Role;
  /** 1 less the share of false finds, 0 to 1. */
  readonly confidence: number;
  /** Hops in the resource graph; null: it only calls what is touched. */
  readonly distance: number | null;
  /** Resources, then nodes of the map, from the change to the service. */
  readonly path: readonly string[];
  /** The strongest first; there is at least one. */
  readonly effects: readonly JudgedEffect[];
}

/** What a change did. */
export interface DriftFinding {
  readonly verdict: Verdict;
  /** How sure the verdict is, 0 to 1. */
  readonly confidence: number;
  readonly window: ChangeWindow;
  /** The nodes that it can touch, by `nodeId`. */
  readonly touched: ReadonlyMap<string, Touch>;
  /** Edges that it cannot touch, which the others were compared with. */
  readonly controls: number;
  /** All that was measured, the surest first. */
  readonly effects: readonly JudgedEffect[];
  /** The worst first. */
  readonly services: readonly ServiceFinding[];
  /** Other changes that may have done the same, the likeliest first. */
  readonly competing: readonly CompetingChange[];
  /** In plain words. */
  readonly reasons: readonly string[];
}

/** Of a change of which nothing can be said. */
export const EARLY_NOTHING = {
  verdict: "not_enough_data",
  confidence: 0,
  controls: 0,
  effects: [],
  services: [],
  competing: [],
} as const;
