import type { Candidate } from "../anomaly/anomaly.ts";
import type { IncidentFinding } from "../correlation/incident_finding.ts";

/** Changes that an anomaly names. */
export const MAX_ANOMALY_CANDIDATES = 10;

const MS_PER_MINUTE = 60_000;

/** The changes that may be behind an anomaly, the best first. */
export function anomalyCandidates(
  { candidates }: Pick<IncidentFinding, "candidates">,
): readonly Candidate[] {
  return candidates.slice(0, MAX_ANOMALY_CANDIDATES).map((one) => ({
    driftEvent: one.changeId,
    score: one.score,
    rank: one.rank,
    path: one.touch === null ? [] : [...one.touch.path, one.touch.node],
    lagMs: one.lag.least * MS_PER_MINUTE,
    reasons: [...one.reasons],
  }));
}
