import type { Lag } from "./cause_weight.ts";
import type { Component } from "./map_components.ts";
import type { Mode } from "./map_excess.ts";
import type { Onset } from "./onset.ts";
import type { Root } from "./rank_roots.ts";
import type { SymptomFinding } from "./symptom.ts";
import type { Touch } from "./touched_nodes.ts";

/** A part in which a symptom sits, and since when. */
export interface LocatedRoot extends Root<Component> {
  readonly mode: Mode;
  readonly onset: Pick<Onset, "minute" | "earliest" | "latest">;
}

/** A change that may have caused an incident. */
export interface RankedChange {
  readonly changeId: string;
  /** Its minute of the series. */
  readonly minute: number;
  /** From the change to the onset, minutes. */
  readonly lag: Lag;
  /** Whether it reaches anything that the service waits for. */
  readonly linked: boolean;
  /** How it reaches it; null where it does not. */
  readonly touch: Touch | null;
  /** Whether it reaches the part where the symptom sits. */
  readonly atRoot: boolean;
  /** How well it fits; only relative to others. */
  readonly weight: number;
}

/** A change and its place among all. */
export interface Candidate extends RankedChange {
  /** Its share of all that fits, and of what nobody told of: 0 to 1. */
  readonly score: number;
  /** From 1. */
  readonly rank: number;
  /** In plain words. */
  readonly reasons: readonly string[];
}

/** What made a service slow or failing. */
export interface IncidentFinding {
  /** null: nothing rose. */
  readonly symptom: SymptomFinding | null;
  /** Where it sits, the most of it first. */
  readonly roots: readonly LocatedRoot[];
  /** `nodeId`; null where it sits nowhere in particular. */
  readonly rootService: string | null;
  /** The likeliest first. */
  readonly candidates: readonly Candidate[];
}
