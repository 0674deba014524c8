import type { Bindings } from "../bindings.ts";
import type { Settings } from "../settings.ts";
import type { Anomaly, Candidate } from "./anomaly.ts";
import type { StoredAnomaly } from "./anomaly_store.ts";

/** For whom, when and by which configuration something is looked for. */
export interface AnomalyContext {
  readonly tenant: string;
  /** ms since the epoch. */
  readonly nowMs: number;
  readonly settings: Settings;
}

/**
 * Finds what may be behind an anomaly, the best first. Where it throws, it is
 * tried again with the next alarm, a few times.
 */
export type FindCandidates = (
  bindings: Bindings,
  anomaly: Anomaly,
  context: AnomalyContext,
) => Promise<readonly Candidate[]>;

/**
 * What follows from an anomaly, once D1 has it: at least once; where it
 * throws, it is tried again with the next alarm, a few times.
 */
export type AfterAnomaly = (
  bindings: Bindings,
  stored: StoredAnomaly,
  context: AnomalyContext,
) => Promise<void>;

/** What follows from anomalies; what is left out does not. */
export interface AnomalyHooks {
  readonly findCandidates?: FindCandidates;
  readonly onRaised?: AfterAnomaly;
  readonly onEnded?: AfterAnomaly;
}

/** What follows from anomalies in this service. */
export const ANOMALY_HOOKS: AnomalyHooks = {};
